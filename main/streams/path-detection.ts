/**
 * What the ways of one stream show of themselves, and what is concluded from it: who stands on them. It stands beside the
 * machine: headers and error pages never enter it or its ring, and it is told two numbers (a default and a cut that is
 * remembered). It asks nothing of the network and ends nothing.
 */
import { consuming, type Event, type PathNews, type State } from "../core/connection/connection-state.ts";
import { idleDefaultOf, isSamePath, type KnownPath, mergedHops, unknownPath } from "../core/detection/known-path.ts";
import type { AnswerSeen, EndingSeen, Observation } from "../core/detection/observation.ts";
import { hopsOf } from "../core/proxy-signature.ts";
import type { Clock } from "../io/ports.ts";
import { ArrivalsLog } from "./arrivals-log.ts";

/** What was known of a way on the present network, by its key. */
export type Paths = {
  recall(key: string): KnownPath | null;
  note(key: string, path: KnownPath): void;
};

export type PathDetectionWorld = {
  readonly clock: Clock;
  readonly keys: readonly string[];
  /** null: nothing outlives the run. */
  readonly paths: Paths | null;
  /** Tells the machine. */
  readonly tell: (news: PathNews) => void;
};

/** Observations of one way that are kept, the newest. */
const keptAnswers = 6;
const keptEndings = 3;

type Way = {
  answers: readonly AnswerSeen[];
  endings: readonly EndingSeen[];
  arrivals: ArrivalsLog;
  path: KnownPath;
  /** What the machine was told last. */
  idleDefaultMs: number | null;
};

export class PathDetection {
  readonly #world: PathDetectionWorld;
  #ways: Way[];

  constructor(world: PathDetectionWorld) {
    this.#world = world;
    this.#ways = world.keys.map(() => this.#unknown());
  }

  #unknown(): Way {
    const arrivals = new ArrivalsLog(this.#world.clock);
    return { answers: [], endings: [], arrivals, path: unknownPath, idleDefaultMs: null };
  }

  /** What is known of a way. */
  of(candidate: number): KnownPath {
    return this.#ways[candidate]?.path ?? unknownPath;
  }

  /** Another network, or the first: what was seen by the old one says nothing of this one. */
  moved(): void {
    this.#ways = this.#world.keys.map((key) => ({
      ...this.#unknown(),
      path: this.#world.paths?.recall(key) ?? unknownPath,
    }));
    this.#ways.forEach(({ path }, candidate) => {
      if (path === unknownPath) return;
      this.#tell(candidate, path.idleCutMs);
    });
  }

  /** A transport saw something of a way. */
  saw(candidate: number, observation: Observation): void {
    const way = this.#ways[candidate];
    if (way === undefined || observation.what !== "answer") return;
    // One of each status says it all; streams open for years.
    const others = way.answers.filter(({ status }) => status !== observation.status);
    way.answers = [...others, observation].slice(-keptAnswers);
    this.#conclude(candidate);
  }

  /** Takes down a step of the machine: how streams arrive, how they end, and what it has learned. */
  took(event: Event, before: State, after: State): void {
    if (before.standings !== after.standings) this.#noteCuts(before, after);
    if (!("generation" in event) || event.generation !== consuming(before.link)) return;
    const { link } = before;
    const candidate = "candidate" in link ? link.candidate : -1;
    const way = this.#ways[candidate];
    if (way === undefined) return;
    if (way.arrivals.take(event)) this.#conclude(candidate);
    if (event.type !== "failed" || link.phase !== "open") return;
    const how = howEnded(event);
    if (how === null) return;
    const now = this.#world.clock.mono();
    const framing = way.answers.find(({ status }) => status === 200)?.framing ?? "chunked";
    const ending = { what: "ending", how, openMs: now - link.openedAt, idleMs: now - link.byteAt, framing } as const;
    way.endings = [...way.endings.slice(1 - keptEndings), ending];
    this.#conclude(candidate);
  }

  #noteCuts(before: State, after: State): void {
    after.standings.forEach(({ idleCut }, candidate) => {
      const way = this.#ways[candidate];
      if (way === undefined || idleCut.cutMs === before.standings[candidate]?.idleCut.cutMs) return;
      // Another network took it, and has not been told to us yet: what is remembered of the old one stays.
      if (idleCut.cutMs === null && idleCut.survivedMs === 0) return;
      this.#keep(candidate, { ...way.path, idleCutMs: idleCut.cutMs });
    });
  }

  #conclude(candidate: number): void {
    const way = this.#ways[candidate];
    if (way === undefined) return;
    const seen = hopsOf([...way.answers, ...way.endings, ...way.arrivals.seen()]);
    this.#keep(candidate, { ...way.path, hops: mergedHops(seen, way.path.hops) });
    if (idleDefaultOf(way.path.hops) !== way.idleDefaultMs) this.#tell(candidate, null);
  }

  #keep(candidate: number, path: KnownPath): void {
    const way = this.#ways[candidate];
    const key = this.#world.keys[candidate];
    if (way === undefined || key === undefined || isSamePath(way.path, path)) return;
    way.path = path;
    this.#world.paths?.note(key, path);
  }

  #tell(candidate: number, idleCutMs: number | null): void {
    const way = this.#ways[candidate];
    if (way === undefined) return;
    way.idleDefaultMs = idleDefaultOf(way.path.hops);
    this.#world.tell({ candidate, idleDefaultMs: way.idleDefaultMs, idleCutMs });
  }
}

function howEnded({ evidence }: Extract<Event, { type: "failed" }>): EndingSeen["how"] | null {
  if (evidence.what === "end") return "clean";
  if (evidence.what !== "error") return null;
  return evidence.codes.includes("ECONNRESET") ? "reset" : "truncated";
}
