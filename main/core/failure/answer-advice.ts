/** What there is to do about an answer once it is known who gave it; the words are `advice.*` in the catalogues. */
import type { Speaker } from "../detection/speaker.ts";

type Row = readonly [status: number, advice: string];

/** Said by a proxy of the site's. 200: a page without a type and without a word, where a stream was asked for. */
const byProxy: readonly Row[] = [
  [200, "gateway-no-route"],
  [404, "gateway-no-route"],
  // Some are made so that a path which nobody planned is an error of their own.
  [500, "gateway-failed"],
  [502, "gateway-upstream-down"],
  [503, "gateway-upstream-down"],
  [504, "gateway-upstream-silent"],
];

/** Said by the program itself, through whatever stands before it. */
const byOrigin: readonly Row[] = [
  [502, "origin-says-itself"],
  [503, "origin-says-itself"],
  [504, "origin-says-itself"],
];

export function adviceAfter(status: number, by: Speaker): string | null {
  if (by.who === "proxy" && by.forward) return "forward-proxy-says";
  const rows = by.who === "proxy" ? byProxy : byOrigin;
  return rows.find(([one]) => one === status)?.[1] ?? null;
}
