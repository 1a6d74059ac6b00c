/** Go's httputil.ReverseProxy in front of the origin; the program is go-proxy/main.go. */
import { nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { LabProcess } from "../lab-process.ts";
import { reverse } from "../running.ts";
import { goProxyBinary, missingGo } from "./go-binary.ts";
import type { Standing } from "./standing.ts";

/** @param flags of main.go, as `-flush=-1ns` @param target instead of the origin */
export function goProxy(about: string, flags: readonly string[], target?: string): Standing {
  return {
    product: "go-reverse-proxy",
    role: "reverse",
    about,
    missing: async () => missingGo(),
    async start(originUrl) {
      const [program, port] = await Promise.all([goProxyBinary(), labPort()]);
      const args = [`-listen=127.0.0.1:${port}`, `-target=${target ?? originUrl}`, ...flags];
      return reverse(new LabProcess({ name: "go-proxy", program, port, args: () => args, files: () => ({}) }));
    },
  };
}

export const goGood = goProxy("FlushInterval -1", ["-flush=-1ns"]);
export const goDefault = goProxy("FlushInterval 0: a text/event-stream is flushed all the same", []);
export const goPeriodic = goProxy("FlushInterval 1 s: for a text/event-stream it does not count", ["-flush=1s"]);
export const goHidden = goProxy("FlushInterval -1, in a middleware that forgets Flush", ["-flush=-1ns", "-hidden"]);
export const goBuffer = goProxy("a middleware collects 64 kB", ["-flush=-1ns", "-buffer=65536"]);
export const goZip = goProxy("a gzip middleware that flushes only what is beneath it", ["-flush=-1ns", "-zip"]);
export const goDown = goProxy("its origin refuses connections: 502, empty", [], `http://${nobody}`);
export const goNoRoute = goProxy("no pattern of its mux matches: 404", ["-prefix=/elsewhere/"]);
export const goSlow = goProxy("gives an origin 4 s for the header: 502", ["-header-timeout=4s"]);
export const goWriteTimeout = goProxy("WriteTimeout 4 s: no answer lasts longer", ["-flush=-1ns", "-write-timeout=4s"]);

/** Cuts after so many seconds without a byte of the origin. */
export function goIdle(idleS: number): Standing {
  return goProxy(`ends a stream after ${idleS} s of silence`, ["-flush=-1ns", `-idle-timeout=${idleS}s`]);
}
