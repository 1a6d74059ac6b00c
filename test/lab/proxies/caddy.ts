/** Caddy in front of the origin; 2.6.2, as Debian 12 has it, which ends every broken stream as if it were complete. */
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";

/** @param site what stands inside the site's block */
async function caddyProcess(site: string): Promise<LabProcess> {
  const port = await labPort();
  return new LabProcess({
    name: "caddy",
    program: findProgram("caddy") ?? "caddy",
    port,
    args: () => ["run", "--config", "Caddyfile", "--adapter", "caddyfile"],
    files: () => ({
      Caddyfile: `{
  admin off
  auto_https off
  grace_period 100ms
}
http://127.0.0.1:${port} {
${site}
}
`,
    }),
    // It keeps certificates and settings at home; the lab's home is its folder.
    env: { HOME: ".", XDG_DATA_HOME: "./data", XDG_CONFIG_HOME: "./config" },
  });
}

function to(host: string, options = "flush_interval -1"): string {
  return `reverse_proxy ${host} {\n${options}\n}`;
}

function caddy(
  name: string,
  faults: readonly Fault[],
  about: string,
  site: (host: string) => string,
  idleS: number | null = null,
): Configuration {
  return {
    name,
    product: "caddy",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS,
    about,
    missing: async () => missingProgram("caddy"),
    start: async (originUrl) => reverse(await caddyProcess(site(hostOf(originUrl)))),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function caddyIdle(idleS: number, name = "caddy-idle"): Configuration {
  const about = `ends a stream after ${idleS} s of silence (read_timeout ${idleS}s), and not as a cut`;
  const site = (host: string) =>
    to(host, `flush_interval -1\ntransport http {\nread_timeout ${idleS}s\nresponse_header_timeout ${idleS}s\n}`);
  return caddy(name, ["idle-cut", "framing"], about, site, idleS);
}

export const caddyConfigurations: readonly Configuration[] = [
  caddy("caddy-good", [], "flush_interval -1", (host) => to(host)),
  caddy(
    "caddy-encode",
    ["compression"],
    "encode gzip: holds a stream whose first event has 512 bytes or more",
    (host) => `encode gzip\n${to(host)}`,
  ),
  caddyIdle(3),
  caddy("caddy-down", ["upstream-down"], "its upstream refuses connections: an empty 502", () => to(nobody)),
  caddy(
    "caddy-no-route",
    ["no-route"],
    "no handle matches the path: 200 and nothing",
    (host) => `handle /elsewhere/* {\n${to(host)}\n}`,
  ),
];
