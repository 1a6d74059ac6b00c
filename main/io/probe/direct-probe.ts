/** The same stream around the proxies, by an address of its own: until its rhythm is known, and until it has outlived the path's end. */
import { directSays, outliveMs } from "../../core/diagnosis/ends.ts";
import type { Watch } from "../../core/diagnosis/facts.ts";
import { directMs, showsWhose } from "../../core/diagnosis/plan.ts";
import { isOpenStream, openMsOf } from "../../core/diagnosis/reading.ts";
import { failureOf } from "./dial.ts";
import { rhythmOr } from "./enough.ts";
import { type Headers, type Place, unreached, watchOf } from "./place.ts";
import { type ProbeOptions, type Session, tailMs } from "./session.ts";

/** Every header of the one is among the other's. */
function isDressedAlike(path: Headers, direct: Headers): boolean {
  return path.every(([name, value]) =>
    direct.some(([other, same]) => other.toLowerCase() === name.toLowerCase() && same === value),
  );
}

const directPlace = ({ url, headers }: NonNullable<ProbeOptions["compare"]>): Place => ({
  url: new URL(url),
  headers,
  route: { kind: "direct" },
});

/** The same stream around the proxies: what is different there is theirs. */
export async function probeDirect(session: Session): Promise<void> {
  const { compare } = session.options;
  if (compare === null) return;
  session.at("direct", { directDressed: isDressedAlike(session.options.headers, compare.headers) });
  const place = directPlace(compare);
  const limitMs = Math.max(800, Math.min(session.leftMs - 500, directMs(session.facts.plain)));
  const isRhythm = rhythmOr(limitMs);
  const enough = session.within(
    (watch) => openMsOf(watch) >= limitMs || (isRhythm(watch) && showsWhose(watch, session.facts.plain)),
  );
  const asked = await session.put(place, { headersLimitMs: limitMs, enough }, (way) => {
    const failure = failureOf(way);
    if (failure !== null) session.know({ direct: unreached(failure, way.tcp?.tookMs ?? 0) });
  });
  if (asked === null) return;
  session.know({ direct: watchOf(asked), headersMs: session.took(asked, "direct") });
  if (!isOpenStream(asked) || session.leftMs < 300) return;
  const again = await session.put(place, { headersLimitMs: Math.min(500, session.leftMs), enough: () => true });
  if (again !== null) session.know({ headersMs: session.took(again, "direct") });
}

/** Directly once more, where what was held has ended: that it stays open there says whose the end is. */
export async function outliveDirectly(session: Session, held: Watch): Promise<void> {
  const { compare } = session.options;
  const endMs = openMsOf(held);
  const limitMs = session.leftMs - tailMs;
  if (compare === null || directSays(session.facts.direct, endMs) !== "short" || limitMs < outliveMs(endMs)) return;
  session.at("direct");
  const enough = session.within((watch) => openMsOf(watch) >= limitMs || showsWhose(watch, held));
  const asked = await session.put(directPlace(compare), { headersLimitMs: limitMs, enough });
  if (asked !== null && isOpenStream(asked))
    session.know({ direct: watchOf(asked), headersMs: session.took(asked, "direct") });
}
