/**
 * What a diagnosis has to say over the lab: for each configuration the paths at which its faults show, and the codes that are
 * right there. No code: nothing may be found. Faults of the origin are asked for through every good configuration too.
 */
import type { Configuration, Fault } from "./configuration.ts";

export type Row = {
  readonly path: string;
  /** Any of these is right; empty: no finding at all. */
  readonly codes: readonly string[];
  /** Wait for the cut of a silent stream. */
  readonly idle?: boolean;
};

const byFault: Readonly<Record<Fault, Row>> = {
  buffering: { path: "/events", codes: ["buffering"] },
  compression: { path: "/gzip-able", codes: ["compression"] },
  batching: { path: "/events", codes: ["batching"] },
  "header-wait": { path: "/headers-only", codes: ["header-wait"] },
  "idle-cut": { path: "/quiet", codes: ["idle-cut"] },
  "slow-origin": { path: "/mute", codes: ["upstream-timeout"] },
  "no-route": { path: "/events", codes: ["no-route"] },
  "upstream-down": { path: "/events", codes: ["upstream-down"] },
  cache: { path: "/no-cache-control", codes: ["cache"] },
  framing: { path: "/rst-after?n=5", codes: ["framing", "ended", "hang"] },
  hang: { path: "/fin-after?n=5", codes: ["hang"] },
  denied: { path: "/events", codes: ["proxy-denied", "proxy-auth"] },
  "connect-fail": { path: "/events", codes: ["proxy-tunnel"] },
};

const healthy: readonly Row[] = [
  { path: "/events", codes: [] },
  { path: "/heartbeat", codes: [] },
  { path: "/gzip-able", codes: [] },
  { path: "/slow", codes: [] },
  { path: "/burst", codes: [] },
  { path: "/portions", codes: [] },
  { path: "/no-cache-control", codes: [] },
  { path: "/redirect", codes: [] },
];

const ofOrigin: readonly Row[] = [
  { path: "/401", codes: ["unauthorized"] },
  { path: "/403", codes: ["forbidden"] },
  { path: "/404", codes: ["not-found"] },
  { path: "/429", codes: ["rate-limited"] },
  { path: "/500", codes: ["origin-status"] },
  { path: "/502", codes: ["origin-status"] },
  { path: "/503", codes: ["origin-status"] },
  { path: "/204", codes: ["no-content"] },
  { path: "/html", codes: ["wrong-type"] },
  { path: "/json", codes: ["wrong-type"] },
  { path: "/login", codes: ["login"] },
  // Some proxies make a well-formed end of a break.
  { path: "/fin-after?n=5", codes: ["cut", "framing", "ended"] },
  { path: "/end-after?n=5", codes: ["ended", "framing"] },
  { path: "/slow-header?s=4", codes: ["slow-header", "header-wait"] },
];

/** The rows of a configuration; each asks for a stream of its own. Of several faults that meet at a path each is right. */
export function rowsOf({ name, good, faults }: Configuration): Row[] {
  const codes = faults.flatMap((fault) => byFault[fault].codes);
  const rows = good ? [...healthy, ...ofOrigin] : faults.map((fault) => ({ ...byFault[fault], codes }));
  return rows.map((row) => ({ ...row, path: `${row.path}${row.path.includes("?") ? "&" : "?"}of=${name}` }));
}
