/**
 * `watch --replay`: takes the steps of a recorded ring again, on the machine as it is now, and prints the states they lead
 * to. Where a step leads elsewhere than it did then, that is said: the machine has changed, or the file has.
 */
import { step } from "../core/connection/connection.ts";
import type { Policy, State } from "../core/connection/connection-state.ts";
import { gradeNow } from "../core/connection/grade.ts";
import { RingFileError, type RingLine, readRing } from "../io/ring-file.ts";
import { CliError } from "./arguments.ts";
import { type Line, stateLine } from "./lines.ts";

const exit = { same: 0, differs: 1 } as const;

/** @throws CliError naming the file and the line that cannot be used */
export async function replay(path: string, say: (line: Line) => void, print: (line: string) => void): Promise<number> {
  try {
    return await takeAll(readRing(path), say, print);
  } catch (error) {
    throw error instanceof RingFileError ? new CliError(`watch: --replay ${path}: ${error.message}`) : error;
  }
}

async function takeAll(lines: AsyncIterable<RingLine>, say: (line: Line) => void, print: (line: string) => void) {
  let at: { policy: Policy; state: State } | null = null;
  let [steps, differences] = [0, 0];
  for await (const line of lines) {
    if (line.kind === "begin") {
      at = line;
      continue;
    }
    if (at === null) continue;
    const { policy, state: before }: { policy: Policy; state: State } = at;
    const state = takeStep(policy, before, line);
    at = { policy, state };
    steps += 1;
    if (state.link.phase !== before.link.phase) say(lineOf(policy, state, line.moment.now));
    if (state.link.phase === line.phase) continue;
    differences += 1;
    const { line: number, phase } = line;
    print(JSON.stringify({ kind: "difference", line: number, recorded: phase, now: state.link.phase }));
  }
  print(JSON.stringify({ kind: "replayed", steps, differences }));
  return differences === 0 ? exit.same : exit.differs;
}

function takeStep(policy: Policy, state: State, { event, moment, line }: Extract<RingLine, { kind: "step" }>): State {
  try {
    return step(policy, state, event, moment)[0];
  } catch {
    throw new RingFileError(`line ${line} is an event the machine does not know`);
  }
}

/** Moments of a ring are of the monotonic clock: the time of a line is counted from the clock's own beginning. */
function lineOf(policy: Policy, state: State, at: number): Line {
  const { link } = state;
  const candidate = policy.candidates["candidate" in link ? link.candidate : 0];
  const place = (candidate?.key ?? "").split(" ").at(-1) ?? "";
  const quality = gradeNow(state, at);
  const proxy = link.phase === "connecting" ? (link.via?.proxy ?? null) : null;
  const way = { url: place, endpoint: place, transport: candidate?.transport ?? "sse", quality, proxy };
  return stateLine(state, way, new Date(at).toISOString());
}
