/**
 * Who made an answer that is no stream: a proxy that says so itself, the origin behind it, or nobody that can be told. Every
 * proxy we measured passes an origin's errors on as they are, so what carries nobody's own marks came from further away; but
 * error pages can be made to measure, so that the origin is named only where a program shows.
 */
import { hopsOf, speakerOf } from "../proxy-signature.ts";
import { valuesOf } from "./behaviour.ts";
import type { AnswerSeen } from "./observation.ts";
import { nameOf, roleOf } from "./signatures.ts";

/** `proxy`: by its name as it is written; `forward`: it is one that the request was sent out by, and not the site's. */
export type Speaker =
  | { readonly who: "proxy"; readonly name: string; readonly forward: boolean }
  | { readonly who: "origin" };

/** Servers that are the program itself, and never in front of another. */
const programs =
  /^(?:uvicorn|gunicorn|hypercorn|daphne|werkzeug|waitress|tornadoserver|cowboy|kestrel|jetty|apache-coyote|puma|thin|webrick|phusion passenger|undertow|akka-http|http4s|mercure|simulated)/i;

export function speakerIn(answer: AnswerSeen): Speaker | null {
  const own = speakerOf(answer);
  if (own !== null) {
    const forward = answer.to === "connect" || roleOf(own.product, answer.forwarded) === "forward";
    return { who: "proxy", name: nameOf(own.product), forward };
  }
  return isProgram(answer) ? { who: "origin" } : null;
}

function isProgram(answer: AnswerSeen): boolean {
  if (valuesOf(answer, "x-powered-by").some((value) => !/^ARR\//.test(value))) return true;
  if (valuesOf(answer, "server").some((value) => programs.test(value))) return true;
  // JSON is an application's language; gateways speak it too.
  const isJson = valuesOf(answer, "content-type").some((value) => /^application\/(?:[\w.-]+\+)?json\b/i.test(value));
  return isJson && !hopsOf([answer]).some(({ role, product }) => mayBeJson(role, product));
}

/** Whose own errors may be JSON that nothing marks. Our gateway's are marked (behaviour.ts), so that other JSON came from behind it. */
function mayBeJson(role: string, product: string): boolean {
  return product === "unknown" || (role === "gateway" && product !== "holdfast-gateway");
}
