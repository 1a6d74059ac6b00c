/** The stream held open with the time that is left, and listened to until its silence is cut: nothing else shows a limit. */
import type { Watch } from "../../core/diagnosis/facts.ts";
import { stopMs } from "../../core/diagnosis/plan.ts";
import { isOpenStream, read } from "../../core/diagnosis/reading.ts";
import { isHung, saidIn } from "../../core/diagnosis/stopped.ts";
import { isSilent } from "../../core/diagnosis/strays.ts";
import { outliveDirectly } from "./direct-probe.ts";
import { type Enough, firstByteOr, moreOr, silenceOr } from "./enough.ts";
import { type Place, watchOf } from "./place.ts";
import { type Session, tailMs } from "./session.ts";

/** A stream that speaks so often shows no silence, ms. */
const oftenMs = 15_000;

/**
 * One stream for all the time that is left: that a gateway ends what flows shows in nothing else. What was ended is held once
 * more where there is time, because a limit comes again and an accident does not; so is what fell silent.
 */
export async function probeHold(session: Session, place: Place): Promise<void> {
  for (let longestMs = 1000; session.facts.holds.length < 2 && session.leftMs > longestMs + tailMs; ) {
    if (session.facts.holds.length === 0 && !session.options.looksWell(session.facts)) return;
    session.at("hold");
    const headersLimitMs = session.leftMs - tailMs;
    const isSeen = shows(session, session.facts.holds[0] ?? null);
    const enough: Enough = (watch) => session.leftMs <= tailMs || isSeen(watch);
    const asked = await session.again(place, { headersLimitMs, enough });
    if (asked === null) return;
    session.know({
      holds: [...session.facts.holds, watchOf(asked)],
      headersMs: session.took(asked, "path"),
    });
    if (!isOpenStream(asked) || (asked.ending === null && !fellSilent(session, asked))) return;
    if (asked.ending !== null && session.facts.holds.length === 1) await outliveDirectly(session, asked);
    longestMs = asked.ending === null ? Math.min(stopMs(asked), 1000) : 1.15 * asked.ending.openMs;
  }
}

/** When a connection that is held has shown what it can: the first, that it is silent; the next, that it is not. */
function shows(session: Session, before: Watch | null): Enough {
  if (before === null) return (watch) => fellSilent(session, watch);
  if (before.ending !== null) return () => false;
  return isHung(before, session.facts) ? moreOr(stopMs(before), saidIn(read(before))) : firstByteOr(session.leftMs);
}

function fellSilent(session: Session, watch: Watch): boolean {
  return isHung(watch, session.facts) || isSilent(watch, session.facts);
}

export async function probeIdle(session: Session, place: Place): Promise<void> {
  const limitMs = session.options.idleLimitMs;
  if (limitMs === null) return;
  session.at("idle-cut");
  const asked = await session.put(place, { headersLimitMs: 5000, enough: silenceOr(limitMs - 1000, oftenMs) });
  if (asked === null || asked.answer === null) return;
  const { longestMs } = read(asked);
  session.know({
    listened: watchOf(asked),
    idle: { silentMs: longestMs, watchedMs: asked.arrivals?.watchedMs ?? 0, cut: asked.ending },
  });
}
