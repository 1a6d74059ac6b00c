/** The faults of the origin that the matrix asks for through every proxy: one trial each, as a path with its numbers. */

/** Events that a trial's stream has in all; enough for two cuts and a proper end of the counting. */
const total = 12;
/** Events before a cut. */
const n = 4;

const paths = {
  flow: `/events?total=${total}`,
  end: `/end-after?n=${n}&total=${total}`,
  fin: `/fin-after?n=${n}&total=${total}`,
  rst: `/rst-after?n=${n}&total=${total}`,
  "mid-chunk": `/mid-chunk-fin?n=${n}&total=${total}`,
  // Three connections of six events, of which the later ones repeat two.
  repeats: `/fin-after?n=6&again=2&total=${total}`,
  // Longer than every idle time of the lab's configurations and Squid's coarse timer, shorter than our own patience.
  slow: "/slow?every=6&total=2",
  quiet: "/quiet",
  mute: "/mute",
  "headers-only": "/headers-only",
  "gzip-able": `/gzip-able?total=${total}`,
  "no-cache-control": `/no-cache-control?total=${total}`,
  length: `/length?total=${total}`,
  "close-delimited": `/close-delimited?total=${total}`,
  redirect: `/redirect?total=${total}`,
  login: "/login",
  html: "/html",
  "status-204": "/204",
  "status-401": "/401",
  "status-403": "/403",
  "status-404": "/404",
  "status-429": "/429",
  "status-500": "/500",
  "status-502": "/502",
  "status-503": "/503",
} as const;

export type Trial = keyof typeof paths;

export const trials = Object.keys(paths) as Trial[];

/** The path of a trial for one configuration, so that its stream is nobody else's. */
export function pathOf(trial: Trial, configuration: string): string {
  const path = paths[trial];
  return `${path}${path.includes("?") ? "&" : "?"}of=${configuration}.${trial}`;
}

/** Path of the stream that a trial's events are those of. */
export function streamOf(trial: Trial, configuration: string): string {
  return pathOf(trial, configuration).replace("/redirect", "/events");
}

/** Events that the trial's stream has when it is all there. */
export function totalOf(trial: Trial): number {
  return Number(/total=(\d+)/.exec(paths[trial])?.[1] ?? 0);
}
