/** The same stream asked for again: with compression, once more, from an id, and by other protocols. */
import type { Watch } from "../../core/diagnosis/facts.ts";
import { isMute } from "../../core/diagnosis/held-back.ts";
import { compressedMs, repeatMs, stopMs } from "../../core/diagnosis/plan.ts";
import { read } from "../../core/diagnosis/reading.ts";
import { isHung, saidIn } from "../../core/diagnosis/stopped.ts";
import type { Asked } from "./ask.ts";
import { firstByteOr, moreOr, rhythmOr, somethingOr } from "./enough.ts";
import { type Place, watchOf } from "./place.ts";
import { probeHttp2, probeWebSocket } from "./protocol-probes.ts";
import { type Asks, probeResume } from "./resume-probe.ts";
import type { Session } from "./session.ts";

export async function probeCompressed(session: Session, place: Place, plain: Watch): Promise<void> {
  session.at("compression");
  const mostMs = Math.max(4500, 0.6 * session.leftMs);
  const likeFirstMs = Math.min(session.leftMs - 1500 - session.owedMs, 1.5 * (plain.answer?.headersMs ?? 0) + 500);
  // What gets no headers is asked once more: one slow answer is an accident.
  for (let once: Watch | null = null; ; ) {
    const { limitMs, byRhythm } = compressedMs(plain, session.leftMs - 1500 - session.owedMs, mostMs);
    if (limitMs < 500) return;
    const asked = await session.again(place, {
      more: [["Accept-Encoding", "gzip, deflate, br"]],
      headersLimitMs: Math.max(1000, limitMs, likeFirstMs),
      enough: byRhythm ? rhythmOr(limitMs) : somethingOr(limitMs),
    });
    if (asked === null) return;
    session.seen.meet(asked.met);
    session.know({ compressed: watchOf(asked), compressedBefore: once, headersMs: session.took(asked, "path") });
    if (once !== null || !isMute(asked, 0)) return;
    once = watchOf(asked);
  }
}

export async function probeRepeat(session: Session, place: Place): Promise<void> {
  const { plain } = session.facts;
  const stopped = plain !== null && isHung(plain, session.facts) ? plain : null;
  const [keptMs, mostMs] = stopped === null ? [1000, repeatMs(plain)] : [300, stopMs(stopped)];
  const limitMs = Math.min(session.leftMs - keptMs - session.owedMs, mostMs);
  if (limitMs < 200) return;
  const enough = stopped === null ? firstByteOr(limitMs) : moreOr(limitMs, saidIn(read(stopped)));
  const asked = await session.again(place, { headersLimitMs: Math.max(500, limitMs), enough });
  if (asked === null) return;
  const seenBefore = session.seen.meet(asked.met);
  session.know({ repeat: { watch: watchOf(asked), seenBefore }, headersMs: session.took(asked, "path") });
}

export async function probeReconnect(session: Session, place: Place, plain: Asked): Promise<void> {
  session.at("resume");
  const asks: Asks = {
    meter: session.meter,
    leftMs: () => session.leftMs - session.owedMs,
    again: (at, question) => session.again(at, question),
    ways: session.options.ways,
    made: (one) => session.know({ reconnects: [...session.facts.reconnects, one] }),
  };
  const found = await probeResume(asks, place, session.seen, plain);
  if (found === null) return;
  const { resume, asked } = found;
  session.know({ resume, ...(asked === null ? {} : { headersMs: session.took(asked, "path") }) });
}

/** Other protocols, for information: nothing is wrong where they are missing. */
export async function probeProtocols(session: Session, place: Place): Promise<void> {
  if (place.url.protocol === "https:" && session.leftMs > 2500) {
    session.at("http2");
    const http2 = await probeHttp2(place, session.meter, session.options.userAgent, Math.min(2000, session.leftMs));
    if (http2 !== null) session.know({ http2 });
  }
  if (session.leftMs < 1200) return;
  session.at("websocket");
  await probeWebSocket(
    (more) => session.put(place, { more, headersLimitMs: Math.min(1000, session.leftMs), enough: () => true }),
    (status, stray) => {
      const strays = stray === null ? [] : [{ withId: false, watch: watchOf(stray) }];
      session.know({ websocket: { status }, reconnects: [...session.facts.reconnects, ...strays] });
    },
  );
}
