/**
 * A recorded ring on disk: the machine's steps, one JSON line each, behind a line that says where they began; where steps
 * are missing, another such line. It knows the shape of the file and not what the steps mean.
 */
import { constants, createReadStream } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod/mini";
import {
  type Event,
  initialState,
  type Moment,
  type ParsedEvent,
  type Policy,
  type State,
  sliceOf,
} from "../core/connection/connection-state.ts";
import { redact } from "../core/redact.ts";

/** What is wrong with the file; the message names the line. */
export class RingFileError extends Error {}

export type RingLine =
  | { readonly kind: "begin"; readonly policy: Policy; readonly state: State }
  | {
      readonly kind: "step";
      readonly line: number;
      readonly moment: Moment;
      readonly event: Event;
      readonly phase: string;
    };

const begin = z.looseObject({
  kind: z.literal("ring"),
  policy: z.looseObject({ candidates: z.array(z.looseObject({ key: z.string() })).check(z.minLength(1)) }),
  state: z.optional(z.looseObject({ link: z.looseObject({ phase: z.string() }) })),
  worked: z.optional(z.array(z.string())),
});
const stepShape = z.looseObject({
  at: z.number(),
  random: z.number(),
  event: z.looseObject({ type: z.string() }),
  phase: z.string(),
});

type Step = Moment & { readonly event: Event; readonly after: State };
type Part = { readonly policy: Policy; readonly state: State; readonly steps: readonly Step[] };

/** The line that says where steps begin. */
export const beginLine = (policy: Policy, state: State): string => lineOf({ kind: "ring", policy, state });

/** The line of one step; its event without contents. */
export const stepLine = ({ now, random, event, after }: Step): string =>
  lineOf({ at: now, random, event, phase: after.link.phase });

/** What an error quotes may have a secret in it. */
const clean = (_: string, value: unknown): unknown => (typeof value === "string" ? redact(value) : value);
const lineOf = (line: unknown): string => `${JSON.stringify(line, clean)}\n`;

/**
 * Writes what a ring holds, in place of what was written of this stream before. A link in the file's place is not followed.
 * @param dir the folder of the log; made where it is missing
 * @param stream its id, which is fit for the name of a file
 * @returns the file's name in it
 */
export async function writeRing(dir: string, stream: string, recording: readonly Part[]): Promise<string> {
  const name = `ring-${stream}.ndjson`;
  const fresh = join(dir, `${name}.new`);
  const lines = recording.flatMap(({ policy, state, steps }) => [beginLine(policy, state), ...steps.map(stepLine)]);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);
  const file = await open(fresh, flags, 0o600);
  try {
    await file.writeFile(lines.join(""));
  } finally {
    await file.close();
  }
  // Whole or not at all: who looks for a fault must not find half a story.
  await rename(fresh, join(dir, name));
  return name;
}

/** @throws RingFileError */
export async function* readRing(path: string): AsyncIterable<RingLine> {
  let line = 0;
  let begun = false;
  for await (const text of linesOf(path)) {
    line += 1;
    if (text.trim() === "") continue;
    const value = parse(text, line);
    const header = begin.safeParse(value);
    if (header.success) {
      begun = true;
      yield beginning(header.data);
      continue;
    }
    const taken = stepShape.safeParse(value);
    if (!taken.success) throw new RingFileError(`line ${line} is no step of a ring`);
    if (!begun) throw new RingFileError(`line ${line} comes before a line {"kind":"ring","policy":…}`);
    const { at, random, event, phase } = taken.data;
    yield { kind: "step", line, moment: { now: at, random }, event: asToday(event), phase };
  }
  if (!begun) throw new RingFileError("there is no ring in it");
}

/** Rings that were written before there were slices told each event by itself. */
function asToday(event: z.infer<typeof stepShape>["event"]): Event {
  if (event.type !== "event") return event as unknown as Event;
  const { event: one, ...rest } = event as unknown as { event: ParsedEvent };
  return { ...rest, ...sliceOf([one]) } as unknown as Event;
}

/** The shape was looked at as far as a wrong file can be told from a right one; the rest is our own writing. */
function beginning({ policy, state, worked }: z.infer<typeof begin>): RingLine {
  const rules = policy as unknown as Policy;
  return { kind: "begin", policy: rules, state: (state as unknown as State) ?? initialState(rules, worked ?? []) };
}

async function* linesOf(path: string): AsyncIterable<string> {
  try {
    yield* createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RingFileError(`it cannot be read (${code ?? message})`);
  }
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RingFileError(`line ${line} is not JSON`);
  }
}
