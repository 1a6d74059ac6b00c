/**
 * Asks for what came after an event that is known, as a reconnect does. A refusal is the id's only where it comes twice, and
 * between the two a request without an id opens: an accident does not come again, and a limit does not know ids.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ReconnectFact, ResumeFact, Watch } from "../../core/diagnosis/facts.ts";
import { isOpenStream, read } from "../../core/diagnosis/reading.ts";
import { isRedirect } from "../sse/redirects.ts";
import type { Asked } from "./ask.ts";
import { firstEventOr } from "./enough.ts";
import type { Meter } from "./meter.ts";
import { nextPlace } from "./next-place.ts";
import { type Place, type PlaceQuestion, watchOf } from "./place.ts";
import type { Ways } from "./route.ts";
import type { SeenEvents } from "./seen-events.ts";

export type Asks = {
  readonly meter: Meter;
  /** What is left of the time for this, ms. */
  readonly leftMs: () => number;
  readonly again: (place: Place, question: PlaceQuestion) => Promise<Asked | null>;
  readonly ways: Ways;
  /** Hears of every request that was made. */
  readonly made: (reconnect: ReconnectFact) => void;
};

/** Between a refused reconnect and the next one, ms: so long behind a proxy it takes until a connection is known to be gone. */
const pauseMs = 500;

/** @returns what it showed, and the answer that showed it; null: there was no time, or no way */
export async function probeResume(
  asks: Asks,
  place: Place,
  seen: SeenEvents,
  plain: Watch,
): Promise<{ readonly resume: ResumeFact; readonly asked: Asked | null } | null> {
  const { resumption } = seen;
  if (typeof resumption === "string") return { resume: { outcome: resumption }, asked: null };
  const mostMs = Math.max(3200, 0.6 * asks.leftMs());
  const limitMs = Math.min(asks.leftMs() - 800, Math.max(1200, 1.5 * (read(plain).medianGapMs ?? 0)), mostMs);
  if (limitMs < 200) return null;
  let asked = await reconnect(asks, place, resumption.from, limitMs);
  if (asked === null) return null;
  if (isRefusal(asked) && (await opensWithoutId(asks, place))) {
    await pause(asks);
    const again = await reconnect(asks, place, resumption.from, limitMs);
    if (again !== null && isRefusal(again)) {
      const refusal = { status: again.answer?.status ?? null, failure: again.failure?.kind ?? null };
      return { resume: { outcome: "refused", settled: true, refusal }, asked: null };
    }
    asked = again ?? asked;
  }
  const outcome = seen.outcomeOf(resumption, asked.met);
  // What came and shows nothing would show nothing the next time either.
  return { resume: { outcome, settled: outcome !== "unclear" || asked.met.length > 0 }, asked };
}

/** No stream, and not for want of patience: what was not waited for may still have come. */
function isRefusal(asked: Watch): boolean {
  return !isOpenStream(asked) && asked.failure?.kind !== "headers-timeout";
}

/** Through redirects, as a reconnect goes. */
async function reconnect(asks: Asks, place: Place, id: string, mostMs: number): Promise<Asked | null> {
  const limitMs = Math.min(mostMs, asks.leftMs() - 300);
  if (limitMs < 200) return null;
  const question = { headersLimitMs: Math.max(500, limitMs), enough: firstEventOr(limitMs) };
  const visited = [place.url.href];
  for (let [at, from] = [place, id]; ; ) {
    const asked = await asks.again(at, { ...question, more: from === "" ? [] : [["Last-Event-ID", from]] });
    if (asked === null) return null;
    const { answer, location } = asked;
    const leads = answer !== null && isRedirect(answer.status);
    const next = leads ? await nextPlace(at, answer.status, location, visited, from, asks.ways) : null;
    if (next === null || "why" in next) {
      asks.made({ withId: true, watch: watchOf(asked) });
      return asked;
    }
    [at, from] = [next.place, next.lastEventId];
  }
}

async function opensWithoutId(asks: Asks, place: Place): Promise<boolean> {
  const headersLimitMs = Math.min(1000, asks.leftMs() - 300);
  if (headersLimitMs < 200) return false;
  const asked = await asks.again(place, { headersLimitMs, enough: () => true });
  if (asked === null) return false;
  asks.made({ withId: false, watch: watchOf(asked) });
  return isOpenStream(asked);
}

/** @throws Stopped when the user has enough meanwhile */
async function pause({ meter, leftMs }: Asks): Promise<void> {
  await sleep(Math.min(pauseMs, leftMs()), undefined, { signal: meter.signal }).catch(() => meter.check());
}
