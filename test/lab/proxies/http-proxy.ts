/** node http-proxy 1.18.1, the middleware of development servers, as a program of its own in front of the origin. */
import { join } from "node:path";
import { type Configuration, type Fault, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { LabProcess } from "../lab-process.ts";
import { reverse } from "../running.ts";

/** What http-proxy-server.ts does beside proxying; see there. */
export type Care = "flush" | "ends";

const server = join(import.meta.dirname, "http-proxy-server.ts");

async function httpProxyProcess(target: string, care: readonly Care[]): Promise<LabProcess> {
  const port = await labPort();
  return new LabProcess({
    name: "http-proxy",
    program: process.execPath,
    port,
    args: () => ["--no-deprecation", server, String(port), target, ...care],
    files: () => ({}),
  });
}

function httpProxy(name: string, faults: readonly Fault[], about: string, care: readonly Care[]): Configuration {
  const down = faults.includes("upstream-down");
  return {
    name,
    product: "http-proxy",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: null,
    about,
    missing: async () => null,
    start: async (originUrl) => reverse(await httpProxyProcess(down ? `http://${nobody}` : originUrl, care)),
  };
}

export const httpProxyConfigurations: readonly Configuration[] = [
  httpProxy("http-proxy-good", [], "flushes the header, and passes on how the origin ended", ["flush", "ends"]),
  httpProxy("http-proxy-header-wait", ["header-wait"], "as it is made: the header waits for the first byte", ["ends"]),
  httpProxy("http-proxy-hang", ["hang"], "as it is made: an origin that goes away is not noticed", ["flush"]),
  httpProxy("http-proxy-down", ["upstream-down"], "its target refuses connections: 502", ["flush", "ends"]),
];
