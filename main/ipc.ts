/**
 * The door between the window and main: every call of the contract is served here and nowhere else.
 * It trusts nobody: a foreign sender is refused, then the argument is parsed, then the handler is asked.
 * What goes back is a value or a code; never a stack, never a message that could quote a secret.
 */
import type { IpcMainInvokeEvent, WebContents } from "electron/main";
import * as z from "zod/mini";
import { type Call, type Code, contract, type Handlers, type Outcome, type Publish } from "../preload/contract.ts";
import { within } from "./ui/app-protocol.ts";

/** The part of ipcMain that is needed. */
export type Door = {
  handle(channel: string, listener: (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown): void;
};

/** Whether a call comes from our own window. */
export type Trusted = (event: IpcMainInvokeEvent) => boolean;

/**
 * Serves every call of the contract.
 * @param handlers may be on their way: a call waits for them
 * @param report hears what a handler threw (for the log); the caller only hears `internal`
 */
export function serve(
  door: Door,
  handlers: Handlers | Promise<Handlers>,
  trusted: Trusted,
  report: (channel: string, error: unknown) => void,
): void {
  for (const [group, channels] of Object.entries(contract)) {
    for (const [name, entry] of Object.entries(channels)) {
      if (entry.kind !== "call") continue;
      const channel = `${group}.${name}`;
      door.handle(channel, async (event, ...args) => {
        if (!trusted(event)) return refusal("not-allowed");
        try {
          const table: Record<string, Record<string, (argument: never) => unknown>> = await handlers;
          return await answer(entry, table[group]?.[name], args);
        } catch (error) {
          report(channel, error);
          return isCoded(error) ? refusal(error.code, error.params) : refusal("internal");
        }
      });
    }
  }
}

async function answer(
  entry: Call,
  handler: ((argument: never) => unknown) | undefined,
  args: unknown[],
): Promise<Outcome<unknown>> {
  if (args.length > 1) return refusal("bad-argument", { field: "" });
  const parsed = z.safeParse(entry.argument, args[0]);
  if (!parsed.success)
    return refusal("bad-argument", { field: parsed.error.issues[0]?.path.map(String).join(".") ?? "" });
  return { ok: true, value: await handler?.(parsed.data as never) };
}

function refusal(code: string, params: Code["params"] = {}): Outcome<never> {
  return { ok: false, error: { code, params } };
}

/** An error of ours that has words for the user; Node's have codes too, in capitals and without parameters. */
function isCoded(error: unknown): error is Error & Code {
  return error instanceof Error && "code" in error && "params" in error && /^[a-z-]+$/.test(String(error.code));
}

/**
 * Trusts the main frame of our own window while it shows one of our origins.
 * The frame's URL decides and not its origin: about:blank inherits the origin of whoever opened it.
 * @param origins e.g. "app://holdfast"; in development the dev server's as well
 */
export function trustedSender(contents: () => WebContents | null, origins: readonly string[]): Trusted {
  return (event) => {
    try {
      const frame = event.senderFrame;
      if (frame === null || event.sender !== contents() || frame !== event.sender.mainFrame) return false;
      return origins.some((origin) => within(frame.url, origin));
    } catch {
      // A frame that is gone by now throws when it is asked anything.
      return false;
    }
  };
}

/** Tells the window, if there is one that can listen. */
export function publisher(contents: () => Pick<WebContents, "isDestroyed" | "send"> | null): Publish {
  return (group, name, value) => {
    const target = contents();
    if (target === null || target.isDestroyed()) return;
    target.send(`${group}.${String(name)}`, value);
  };
}
