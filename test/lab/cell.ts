/**
 * One cell of the matrix: a real stream (transport, machine, journal) of one trial through one configuration, until all has come,
 * or until what came of it is clear. Says what happened; what should have is expectations.ts.
 */

import type { EventJournal } from "../../main/io/journal/event-journal.ts";
import type { Proxies } from "../../main/io/ports.ts";
import { createProxies } from "../../main/io/proxy/proxies.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { aPlan, fakeTransport } from "../fakes/stream-world.ts";
import { everything } from "../io/journal-samples.ts";
import type { Sent } from "./origin-topic.ts";

export type Cell = {
  /** Names its stream in the journal. */
  readonly name: string;
  readonly url: string;
  /** The forward proxy that the transport goes out by itself; null: none. */
  readonly proxyUrl: string | null;
  /** Events to wait for; 0: a failure is what is waited for. */
  readonly total: number;
};

export type Outcome = {
  /** `FAMILY kind` of the first failure, or "none". */
  readonly first: string;
  /** What the journal has. */
  readonly kept: readonly { readonly id: string | null; readonly preview: string }[];
  readonly gaps: number;
  readonly tookMs: number;
};

/** Shorter than the product's, longer than any proxy's of the lab: whose deadline passed is then known. */
const patience = { headersTimeoutMs: 7500, idleTimeoutMs: 8500 } as const;
const quick = { firstMs: 100, capMs: 300, factor: 1.2, attempts: 100 };
const quickly = { NETWORK: quick, AUTH: quick, SERVER: quick, PROXY: quick };
/** A cell that is neither whole nor hopeless by then is said as it is. */
const longestMs = 45_000;
/** Failures in a row without a new event after which no more is expected. */
const hopeless = 8;

export async function runCell({ name, url, proxyUrl, total }: Cell, journal: EventJournal): Promise<Outcome> {
  const startedAt = performance.now();
  const { policy, routes } = aPlan({ url, ...patience });
  const done = Promise.withResolvers<void>();
  let first = "none";
  let failures = 0;
  let cursor = "";
  const world = {
    clock: systemClock,
    random: Math.random,
    transports: { sse: createSseTransport({ userAgent: "Holdfast/test", utc: Date.now }), websocket: fakeTransport() },
    turns: createDialTurns(systemClock),
    journal,
    memory: { worked: () => [], noteWorked: () => {}, remember: () => {} },
  };
  const plan = { policy: { ...policy, strategies: quickly }, routes, ...goingOutBy(proxyUrl) };
  // It asks from the beginning, so that what is sent before it listens is its due as well.
  const spec = { id: name, plan, lastEventId: "0", source: "settings" as const };
  const observer = {
    moved: (from: Stream, before: { link: { phase: string } }, { link }: Stream["state"]) => {
      if (link.phase !== "waiting" && link.phase !== "halted") return;
      if (before.link.phase === link.phase) return;
      const { lastEventId } = from.facts;
      failures = lastEventId === cursor ? failures + 1 : 1;
      cursor = lastEventId;
      if (first === "none") first = `${link.failure.family} ${link.failure.kind}`;
      if (total === 0 || link.phase === "halted" || failures >= hopeless) done.resolve();
    },
    recorded: (from: Stream) => {
      if (total > 0 && from.facts.lastEventId === String(total)) done.resolve();
    },
  };
  const stream = new Stream(spec, world, observer, 20);
  const late = setTimeout(done.resolve, longestMs);
  stream.start();
  await done.promise;
  clearTimeout(late);
  await stream.close();
  const { rows } = await journal.window(name, everything, 0, 5000);
  return {
    first,
    kept: rows.flatMap((row) => (row.kind === "event" ? [row] : [])),
    gaps: rows.filter((row) => row.kind === "mark" && row.mark === "gap").length,
    tookMs: performance.now() - startedAt,
  };
}

/** As the product sets up a proxy that somebody wrote down. */
function goingOutBy(url: string | null): { proxies?: Proxies } {
  if (url === null) return {};
  const source = createProxies({ clock: systemClock, env: {}, system: null, silent: () => {} });
  return { proxies: source.of(url, () => ({ mode: "manual", url, username: "", password: () => null })) };
}

/**
 * What is wrong with what was kept, beside what was sent: in order, from the first, each once, nothing invented. null: nothing.
 * A stream that never came to its end may have kept less.
 */
export function flawOf({ kept, gaps }: Outcome, sent: readonly Sent[]): string | null {
  const flaw = kept.findIndex(({ id, preview }, i) => {
    const one = sent[i];
    return one === undefined || id !== String(one.n) || preview !== one.data.slice(0, 240);
  });
  if (flaw >= 0) return `event ${flaw + 1} of the journal is ${kept[flaw]?.id}: ${kept[flaw]?.preview.slice(0, 60)}`;
  return gaps > 0 ? `${gaps} gaps` : null;
}
