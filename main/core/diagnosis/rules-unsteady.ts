/** Rules about a path that opens the stream for one request and not for the next. */
import type { AnswerSeen } from "../detection/observation.ts";
import { speakerOf } from "./own-words.ts";
import { header } from "./reading.ts";
import { type Coded, type Rule, said, those } from "./rule.ts";
import { type Stray, straysOf } from "./strays.ts";

/** They say that there were too many at once or in a short time, which a diagnosis makes likelier than a usual client. */
const limits = new Set([409, 423, 425, 429]);
const isLimit = ({ how, watch }: Stray) => how === "answered" && limits.has(watch.answer?.status ?? 0);
const isTooMany = ({ how, watch }: Stray) => how === "answered" && watch.answer?.status === 429;

function sayOf({ how, watch }: Stray): Coded[] {
  if (how === "answered") return [said("later-answered", { status: watch.answer?.status ?? 0 })];
  if (how === "empty") return [said("later-empty")];
  if (how === "failed") return [said("later-failed"), said(`error-${watch.failure?.kind ?? "unknown"}`)];
  return [said("later-silent", { ms: watch.arrivals?.watchedMs ?? watch.waitedMs })];
}

/** Each once, however often it happened. */
function evidenceOf(strays: readonly Stray[], asked: number): Coded[] {
  const all = strays.flatMap(sayOf);
  const once = all.filter((one, at) => all.findIndex((other) => isSame(one, other)) === at);
  return [...once, said("of-requests", { times: strays.length, count: asked })];
}

const isSame = (one: Coded, other: Coded) => one.code === other.code && one.params["status"] === other.params["status"];

const unsteady: Rule = {
  code: "unsteady",
  severity: "broken",
  when: ({ facts }) => {
    const { strays, asked } = straysOf(facts);
    // Too many requests have a cause of their own, below.
    const others = strays.filter((stray) => !isTooMany(stray));
    if (others.length === 0) return null;
    const evidence = evidenceOf(others, asked);
    const [speaker] = others.flatMap(({ watch }) => speakerOf(watch.answer) ?? []);
    const product = speaker?.product ?? null;
    if (others.every(isLimit)) return { confidence: 0.6, evidence, product: product ?? "origin", severity: "degraded" };
    // A stream may fall silent for a while by itself.
    const once = others.every(({ how }) => how === "silent") ? 0.6 : 0.8;
    return { confidence: others.length > 1 ? 0.9 : once, evidence, product };
  },
};

/** The stream opens, and those who come after it soon are sent away. */
const rateLimited: Rule = {
  code: "rate-limited",
  severity: "degraded",
  when: ({ facts }) => {
    const { strays, asked } = straysOf(facts);
    const [first, ...more] = strays.filter(isTooMany);
    if (first === undefined) return null;
    const wait = header(first.watch.answer, "retry-after");
    const evidence = those(...evidenceOf([first, ...more], asked), wait !== "" && said("retry-after", { value: wait }));
    return { confidence: 0.7, evidence, product: productOf(first.watch.answer) };
  },
};

const productOf = (answer: AnswerSeen | null) => speakerOf(answer)?.product ?? "origin";

export const unsteadyRules: readonly Rule[] = [unsteady, rateLimited];
