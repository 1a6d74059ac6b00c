/** The stream as Holdfast asks for it, with the way there: the first of its ways that works, and on through redirects. */
import type { StageName } from "../../../preload/contract.ts";
import type { RedirectFact } from "../../core/diagnosis/facts.ts";
import { firstMs } from "../../core/diagnosis/plan.ts";
import { looksLikeLogin } from "../../core/failure/login-address.ts";
import { address } from "../../core/redact.ts";
import { isRedirect } from "../sse/redirects.ts";
import type { Asked } from "./ask.ts";
import { movesOn, type Way } from "./dial.ts";
import { type Enough, rhythmOr } from "./enough.ts";
import { nextPlace } from "./next-place.ts";
import { type Place, watchOf } from "./place.ts";
import type { ProbeRoute } from "./route.ts";
import { type Session, targetOf } from "./session.ts";

const unknownWay = { dns: null, proxy: null, tcp: null, tls: null } as const;

/** The stream as Holdfast asks for it, through redirects; null: no way led there. */
export async function probeFirst(
  session: Session,
  start: Place,
  ways: readonly ProbeRoute[],
): Promise<{ asked: Asked; place: Place } | null> {
  let [place, others] = [start, ways];
  const visited = [start.url.href];
  let redirects: RedirectFact = { count: 0, login: false, refused: null, otherHost: false };
  for (;;) {
    session.at(place.route.kind === "direct" ? "dns" : "proxy");
    const limitMs = firstMs(session.leftMs, session.options.compare !== null);
    const from = performance.now();
    const enough: Enough = (watch) => rhythmOr(Math.max(600, limitMs - (watch.answer?.headersMs ?? 0)))(watch);
    const asked = await session.put(
      place,
      {
        headersLimitMs: limitMs,
        enough: (watch) => {
          if (session.running !== "buffering" && performance.now() - from > 300)
            session.at(watch.answer === null ? "headers-time" : "buffering");
          return enough(watch);
        },
      },
      (way) => session.at(nextOf(session, way), way),
    );
    if (asked === null) {
      session.meter.check();
      const { proxy, passedBy } = session.facts;
      const [route, ...rest] = others;
      if (route === undefined || proxy === null || !movesOn(proxy)) return null;
      [place, others] = [{ ...place, route }, rest];
      session.know({ ...targetOf(place.url, route), ...unknownWay, passedBy: [...passedBy, proxy] });
      continue;
    }
    if (asked.answer === null || !isRedirect(asked.answer.status)) {
      // What was seen until the user had enough is a fact as well; that nothing had come by then is none.
      if (asked.answer !== null || asked.failure !== null)
        session.at("status", { plain: watchOf(asked), redirects, headersMs: session.took(asked, "path") });
      session.meter.check();
      return { asked, place };
    }
    session.meter.check();
    const next = await nextPlace(place, asked.answer.status, asked.location, visited, "", session.options.ways);
    if ("why" in next) {
      redirects = { ...redirects, count: redirects.count + 1, refused: next.why };
      session.at("status", { plain: watchOf(asked), redirects });
      return { asked, place };
    }
    const { url } = next.place;
    redirects = {
      count: redirects.count + 1,
      login: looksLikeLogin(address(url.href)),
      refused: null,
      otherHost: redirects.otherHost || url.hostname !== start.url.hostname,
    };
    [place, others] = [next.place, next.others];
    // What was measured on the way to the server that redirects says nothing about the one it names.
    session.know({ ...targetOf(url, place.route), ...unknownWay, redirects, redirectStatus: asked.answer.status });
  }
}

function nextOf(session: Session, way: Way): StageName {
  if (way.tls !== undefined) return "status";
  if (way.tcp !== undefined || way.proxy !== undefined) return session.facts.encrypted ? "tls" : "status";
  return "tcp";
}
