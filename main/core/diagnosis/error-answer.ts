/** What is known of an answer that is an error: whose it is, how late it came, and how it compares. Leaves for the rules. */
import type { AnswerSeen } from "../detection/observation.ts";
import { speakerIn } from "../detection/speaker.ts";
import type { Watch } from "./facts.ts";
import { speakerOf } from "./own-words.ts";
import { header, isOpenStream } from "./reading.ts";
import { answeredSaid, type Case, said, those } from "./rule.ts";

/** From here on an answer was waited for by somebody, ms. HAProxy tries once more after 1 s before it gives up. */
export const waitedMs = 1500;

/** The error answer of the stream's own address, with what is known of it; null where there is none. */
export function errorOf({ facts }: Case, ...statuses: readonly number[]) {
  const answer = facts.plain?.answer ?? null;
  if (answer === null || answer.status < 400 || (statuses.length > 0 && !statuses.includes(answer.status))) return null;
  const speaker = speakerOf(answer);
  // The origin's own mark: a program, or an application's language (detection/speaker.ts).
  const isOrigins = speaker === null && speakerIn(answer)?.who === "origin";
  return { answer, speaker, isOrigins, direct: facts.direct, unrouted: facts.unrouted };
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
