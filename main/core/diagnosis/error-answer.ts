/** What is known of an answer that is an error: whose it is, how late it came, and how it compares. Leaves for the rules. */
import type { AnswerSeen } from "../detection/observation.ts";
import { speakerIn } from "../detection/speaker.ts";
import type { Facts, Watch } from "./facts.ts";
import { isLetGoDirectly } from "./held-back.ts";
import { speakerOf } from "./own-words.ts";
import { header, isOpenStream } from "./reading.ts";
import { answeredSaid, type Case, said, those } from "./rule.ts";

/** From here on an answer was waited for by somebody, ms. HAProxy tries once more after 1 s before it gives up. */
export const waitedMs = 1500;

/**
 * The answer of the stream's own address where its status alone makes it none that a stream can have, with what is known of
 * it; null where it is another. What leads elsewhere and ends there is a redirect, and no error.
 */
export function errorOf({ facts }: Case, ...statuses: readonly number[]) {
  const answer = facts.plain?.answer ?? null;
  if (answer === null || !isError(facts) || (statuses.length > 0 && !statuses.includes(answer.status))) return null;
  const speaker = speakerOf(answer);
  // The origin's own mark: a program, or an application's language (detection/speaker.ts).
  const isOrigins = speaker === null && speakerIn(answer)?.who === "origin";
  return { answer, speaker, isOrigins, direct: comparable(facts), unrouted: facts.unrouted };
}

/**
 * What was answered directly, as far as it can be held against the path's answer: who asks for a credential and was not handed
 * the one that the path was handed says nothing about the path, and headers go to the direct address only if given for it. Nor does a
 * request that was let go early say that nobody is there.
 */
function comparable(facts: Facts): Watch | null {
  const { direct, directDressed } = facts;
  const status = direct?.answer?.status ?? 0;
  const isUndressed = !directDressed && (status === 401 || status === 403);
  return isUndressed || isLetGoDirectly(facts) ? null : direct;
}

function isError({ plain, redirects }: Facts): boolean {
  const status = plain?.answer?.status ?? 0;
  if (status >= 400) return true;
  if (status >= 300) return (redirects?.refused ?? null) === null;
  // [HTML] An event stream comes with 200 and with no other status.
  return status !== 200 && status !== 204 && plain?.isStream === true;
}

/** It asks for a credential by name, as whoever wants one has to. [RFC 9110 §15.5.2] */
export function asksWho(answer: AnswerSeen): boolean {
  return answer.status === 401 && header(answer, "www-authenticate") !== "";
}

/** What nginx, Apache and servers in Go say to plain HTTP on a port of TLS. */
const wrongScheme =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|sent an HTTP request to an HTTPS server/i;

export function wantsHttps({ status, body }: AnswerSeen): boolean {
  return status === 400 && wrongScheme.test(body);
}

export function basics(answer: AnswerSeen) {
  const speaker = speakerOf(answer);
  const code = header(answer, "x-squid-error");
  return those(
    said("answered", { status: answer.status }),
    speaker === null ? said("no-marks") : said("own-words", { product: speaker.product }),
    code !== "" && said("squid-error", { code }),
    answeredSaid(answer.headersMs),
  );
}

/** The same mistake at the origin itself. */
export function sameDirectly(direct: Watch | null, answer: AnswerSeen): boolean {
  return direct?.answer?.status === answer.status;
}

export const directWorks = (direct: Watch | null) => isOpenStream(direct);
export const directDown = (direct: Watch | null) =>
  direct !== null && direct.answer === null && direct.failure !== null;

/** The origin answers for a path that does not exist, by itself: so it runs, and what it says of others is its own. */
export function originSpeaks(unrouted: AnswerSeen | null): boolean {
  return unrouted !== null && [404, 401, 403, 405].includes(unrouted.status) && speakerOf(unrouted) === null;
}

/** What a router written in Go says by itself: gateways in Go do, and origins in Go. */
export function isGoRouters({ status, body }: AnswerSeen): boolean {
  return status === 404 && /^404 page not found\n?$/.test(body);
}
