/** Hours of a stream over paths that speak, hold back, end or fail, by the second: a player whose connections have their answers. */
import type { Policy } from "../../main/core/connection/connection-state.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import {
  bytes,
  comment,
  connected,
  dialling,
  ended,
  event,
  type Fate,
  failing,
  opened,
  type Player,
  player,
  retry,
  settled,
  start,
} from "./play.ts";

/**
 * What a path does: it fails, opens and says nothing, or nothing after a greeting, or brings an event every so many seconds, or a
 * heartbeat. `greets`: with a comment as soon as it is open; `endsS`: the connection ends at that age,
 * `cutS`: after such a silence.
 */
export type Path = Evidence | "mute" | "greets" | "asks for retry" | Speaks;
type Speaks = {
  readonly eventS?: number;
  readonly beatS?: number;
  readonly greets?: boolean;
  readonly endsS?: number;
  readonly cutS?: number;
};

export const minute = 60_000;
export const hour = 60 * minute;
const never = Number.POSITIVE_INFINITY;

/**
 * Time passes by the second over these paths.
 * @returns how many events came, and the share of it in which each path was open, and in which none was asked
 */
export function lives(one: Player, paths: readonly Path[], ms: number) {
  let [events, waits] = [0, 0];
  const seconds = paths.map(() => 0);
  for (const end = one.now + ms; one.now < end; ) {
    begins(one, paths);
    one.pass(1000);
    const { link } = one.state;
    if (link.phase === "waiting") waits++;
    if (link.phase === "open") seconds[link.candidate] = (seconds[link.candidate] ?? 0) + 1;
    const second = Math.round(one.now / 1000);
    if (one.state.probe?.openedAt != null && says(paths[one.state.probe.candidate], second) !== null)
      one.probe(bytes, comment);
    if (one.state.link.phase !== "open") continue;
    const { candidate, openedAt, byteAt } = one.state.link;
    const path = paths[candidate];
    const said = says(path, second);
    if (said !== null) one.hear(bytes, said === "event" ? event : comment);
    if (said === "event") events++;
    const { endsS = never, cutS = never } = speaksOf(path) ?? {};
    const isCut = one.now - openedAt >= 1000 * endsS || (said === null && one.now - byteAt >= 1000 * cutS);
    if (one.state.link.phase === "open" && isCut) one.hear(failing(ended));
  }
  return {
    events,
    shares: seconds.map((s) => (1000 * s) / ms),
    waited: (1000 * waits) / ms,
  };
}

/** Connections and probes that wait for an answer have it. */
function begins(one: Player, paths: readonly Path[]): void {
  if (one.state.link.phase === "connecting") {
    const path = paths[one.state.link.candidate];
    if (isFailing(path)) one.hear(dialling, failing(path));
    else {
      one.opens(false);
      one.hear(...greeting(path));
    }
  }
  const { probe } = one.state;
  if (probe === null || probe.openedAt !== null) return;
  const path = paths[probe.candidate];
  if (isFailing(path)) one.probe(dialling, connected, failing(path));
  else one.probe(dialling, connected, opened, ...greeting(path));
}

function isFailing(path: Path | undefined): path is Evidence {
  return typeof path === "object" && "what" in path;
}

function speaksOf(path: Path | undefined): Speaks | null {
  return path === undefined || typeof path === "string" || isFailing(path) ? null : path;
}

function greeting(path: Path | undefined): readonly Fate[] {
  if (path === "asks for retry") return [bytes, (g) => retry(g, 3000), settled];
  return path === "greets" || speaksOf(path)?.greets === true ? [bytes, comment] : [];
}

function says(path: Path | undefined, second: number): "event" | "comment" | null {
  const { eventS, beatS } = speaksOf(path) ?? {};
  if (eventS !== undefined && second % eventS === 0) return "event";
  return beatS !== undefined && second % beatS === 0 ? "comment" : null;
}

export function begun(rules: Policy): Player {
  const one = player(rules);
  one.take(start);
  return one;
}
