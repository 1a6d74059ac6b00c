/** The door: every channel of the real contract, a fake ipcMain, honest and foreign senders, good and random payloads. */
import type { IpcMainInvokeEvent, WebContents } from "electron/main";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { holdDoors } from "../../main/doors.ts";
import { type Door, publisher, serve, trustedSender } from "../../main/ipc.ts";
import { contract, doors as doorsChannel, type Handlers } from "../../preload/contract.ts";

type Listener = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown;

const event = {} as IpcMainInvokeEvent;
const channels = Object.entries(contract).flatMap(([group, entries]) =>
  Object.entries(entries).flatMap(([name, entry]) => (entry.kind === "call" ? [{ group, name, entry }] : [])),
);
const names = channels.map(({ group, name }) => `${group}.${name}`);

/** Serves the whole contract with handlers that note that they were called. */
function opened(trusted = true, handle: (channel: string, argument: unknown) => unknown = () => "value") {
  const doors = new Map<string, Listener>();
  const called: string[] = [];
  const report = vi.fn();
  const handlers: Record<string, Record<string, (argument: unknown) => unknown>> = {};
  for (const { group, name } of channels) {
    handlers[group] ??= {};
    handlers[group][name] = (argument) => {
      called.push(`${group}.${name}`);
      return handle(`${group}.${name}`, argument);
    };
  }
  const door: Door = { handle: (channel, listener) => doors.set(channel, listener) };
  serve(door, handlers as Handlers, () => trusted, report);
  const call = (channel: string, ...args: unknown[]): unknown => doors.get(channel)?.(event, ...args);
  return { doors, called, report, call };
}

describe("serve", () => {
  it("opens every call of the contract and not one channel more", () => {
    expect([...opened().doors.keys()].sort()).toEqual([...names].sort());
    expect(names).toContain("settings.saveEndpoint");
  });

  it.each(names)("refuses a foreign sender at %s before it looks at what was sent", async (channel) => {
    const { call, called } = opened(false);
    expect(await call(channel, undefined)).toEqual({ ok: false, error: { code: "not-allowed", params: {} } });
    expect(called).toEqual([]);
  });

  it.each(channels)(
    "answers 200 random payloads at $group.$name with an outcome, and lets none through that the schema refuses",
    async ({ group, name, entry }) => {
      const channel = `${group}.${name}`;
      const { call, called, report } = opened();
      await fc.assert(
        fc.asyncProperty(
          fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
          async (payload) => {
            const fits = entry.argument.safeParse(payload).success;
            const before = called.length;
            const outcome = await call(channel, payload);
            expect(outcome).toEqual(
              fits
                ? { ok: true, value: "value" }
                : { ok: false, error: { code: "bad-argument", params: { field: expect.any(String) } } },
            );
            expect(called.length - before).toBe(fits ? 1 : 0);
          },
        ),
        { numRuns: 200 },
      );
      expect(report).not.toHaveBeenCalled();
    },
  );

  it("names the field that was wrong, and never its value", async () => {
    const question = { stream: "orders", span: "9h-s3cret" };
    const outcome = await opened().call("history.query", question);
    expect(outcome).toEqual({ ok: false, error: { code: "bad-argument", params: { field: "span" } } });
  });

  it("refuses a second argument", async () => {
    const { call, called } = opened();
    expect(await call("streams.retryNow", "orders", "orders")).toMatchObject({ error: { code: "bad-argument" } });
    expect(called).toEqual([]);
  });

  it("hands the handler the parsed argument and wraps its value", async () => {
    const { call } = opened(true, (_channel, argument) => Promise.resolve(argument));
    expect(await call("streams.retryNow", "orders")).toEqual({ ok: true, value: "orders" });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("token=s3cret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("token=s3cret"))],
  ])("says only `internal` when a handler %s, and reports why to the log", async (_how, handle) => {
    const { call, report } = opened(true, handle);
    expect(await call("app.get")).toEqual({ ok: false, error: { code: "internal", params: {} } });
    expect(report).toHaveBeenCalledExactlyOnceWith("app.get", new Error("token=s3cret"));
  });

  it("keeps a call waiting for handlers that are on their way", async () => {
    const doors = new Map<string, Listener>();
    const { promise, resolve } = Promise.withResolvers<Handlers>();
    serve({ handle: (channel, listener) => doors.set(channel, listener) }, promise, () => true, vi.fn());
    const answered = vi.fn();
    const outcome = Promise.resolve(doors.get("app.get")?.(event)).then(answered);
    await new Promise(setImmediate);
    expect(answered).not.toHaveBeenCalled();
    resolve({ app: { get: () => "there" } } as unknown as Handlers);
    await outcome;
    expect(answered).toHaveBeenCalledExactlyOnceWith({ ok: true, value: "there" });
  });

  it("does not compile when a handler is missing", () => {
    const { app, streams, events, history, settings } = {} as Handlers;
    const { list: _list, ...others } = streams ?? {};
    // @ts-expect-error `streams.list` has no handler
    const incomplete: Handlers = { app, events, history, settings, streams: others };
    expect(incomplete).toBeDefined();
  });
});

it("lets the bridge of a page wait until the contract is served", async () => {
  const doors = new Map<string, Listener>();
  const { promise, resolve } = Promise.withResolvers<void>();
  holdDoors({ handle: (channel, listener) => doors.set(channel, listener) }, promise);
  expect([...doors.keys()]).toEqual([doorsChannel]);
  const opened = vi.fn();
  const word = Promise.resolve(doors.get(doorsChannel)?.(event)).then(opened);
  await new Promise(setImmediate);
  expect(opened).not.toHaveBeenCalled();
  resolve();
  await word;
  expect(opened).toHaveBeenCalledOnce();
});

describe("trustedSender", () => {
  const frame = (url: string) => ({ url });
  const contentsWith = (mainFrame: unknown) => ({ mainFrame }) as unknown as WebContents;
  const asked = (url: string, change: (event: Record<string, unknown>) => void = () => {}) => {
    const main = frame(url);
    const contents = contentsWith(main);
    const from: Record<string, unknown> = { sender: contents, senderFrame: main };
    change(from);
    return trustedSender(
      () => contents,
      ["app://holdfast", "http://localhost:5173"],
    )(from as unknown as IpcMainInvokeEvent);
  };

  it.each(["app://holdfast/index.html", "app://holdfast/index.html#x", "http://localhost:5173/"])(
    "trusts our page at %s",
    (url) => {
      expect(asked(url)).toBe(true);
    },
  );

  it.each([
    ...[
      "",
      "about:blank",
      "about:srcdoc",
      "app://other/index.html",
      "app://holdfast.evil/",
      "app://holdfast@evil/",
      "app:holdfast",
    ],
    ...[
      "https://holdfast/",
      "file:///index.html",
      "data:text/html,app://holdfast/",
      "http://localhost:51730/",
      "blob:app://holdfast/x",
    ],
  ])("does not trust a page at '%s'", (url) => {
    expect(asked(url)).toBe(false);
  });

  const page = "app://holdfast/index.html";
  it.each<[string, (event: Record<string, unknown>) => void]>([
    ["a frame inside our page", (from) => Object.assign(from, { senderFrame: frame(page) })],
    ["another window on our page", (from) => Object.assign(from, { sender: contentsWith(from["senderFrame"]) })],
    ["a frame that is gone", (from) => Object.assign(from, { senderFrame: null })],
    [
      "a frame that dies while it is asked",
      (from) =>
        Object.defineProperty(from["senderFrame"], "url", {
          get: () => {
            throw new Error("disposed");
          },
        }),
    ],
  ])("does not trust %s", (_who, change) => {
    expect(asked(page, change)).toBe(false);
  });
});

describe("publisher", () => {
  it("sends the value on the channel of its names", () => {
    const send = vi.fn();
    publisher(() => ({ isDestroyed: () => false, send }))("app", "closing", { tray: true });
    expect(send).toHaveBeenCalledExactlyOnceWith("app.closing", { tray: true });
  });

  it("is silent without a window, and with one that is gone", () => {
    const send = vi.fn();
    publisher(() => null)("app", "closing", { tray: true });
    publisher(() => ({ isDestroyed: () => true, send }))("app", "closing", { tray: true });
    expect(send).not.toHaveBeenCalled();
  });
});
