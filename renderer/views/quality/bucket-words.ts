/** What a bucket of the history says in words: the text behind each mark of the timeline. Pure. */
import type { Bucket } from "../../../preload/contract.ts";
import { type Span, sharesOfTime, timeKinds } from "../../history.ts";
import type { Language } from "../../text/language.tsx";

/** When a bucket begins, as finely as its span needs. */
export function bucketTime({ format }: Language, bucket: Bucket, span: Span): string {
  if (span === "90d") return format.monthDay(bucket.at);
  return span === "7d" ? format.dayTime(bucket.at) : format.timeToMinute(bucket.at);
}

/** One sentence: time, worst, shares, failures, events. */
export function bucketText(language: Language, bucket: Bucket, span: Span, now: number): string {
  const { say, format } = language;
  const facts = [say("bucket.worst", { time: bucketTime(language, bucket, span), beat: say(`beat.${bucket.beat}`) })];
  const shares = sharesOfTime(bucket, now);
  // Of nothing but unknown time there is nothing to say beside "no data".
  const kinds = shares.unknown === 100 ? [] : timeKinds.filter((kind) => shares[kind] > 0);
  facts.push(...kinds.map((kind) => say(`bucket.${kind}`, { share: format.percent(shares[kind]) })));
  if (bucket.failures > 0) facts.push(say("bucket.failures", { count: bucket.failures }));
  if (bucket.events > 0) facts.push(say("bucket.events", { count: bucket.events }));
  if (bucket.headersMs !== null) facts.push(say("bucket.headers", { time: format.duration(bucket.headersMs) }));
  return facts.join(say("separator"));
}

const minute = 60_000;
const units: Record<Span, number> = {
  "1h": 10 * minute,
  "24h": 180 * minute,
  "7d": 1440 * minute,
  "90d": 14 * 1440 * minute,
};

/** A label of the axis; it stands where a round hour or day begins. */
export function axisLabel({ format }: Language, bucket: Bucket, span: Span): string {
  if (span === "90d") return format.monthDay(bucket.at);
  return span === "7d" ? format.weekday(bucket.at) : format.timeToMinute(bucket.at);
}

/** Places of the axis labels: buckets in which a round hour or day of the local clock begins. */
export function axisPlaces(buckets: readonly Bucket[], span: Span): number[] {
  const unit = units[span];
  const turn = ({ at }: Bucket): number => Math.floor((at - new Date(at).getTimezoneOffset() * minute) / unit);
  return buckets.flatMap((bucket, index) => {
    const before = buckets[index - 1];
    return before !== undefined && turn(before) !== turn(bucket) ? [index] : [];
  });
}
