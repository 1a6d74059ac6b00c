/** Our own gateway in front of the origin. build/gateway.ts knows how its binary is had; what it looks like is its own README. */
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { gatewayBinary } from "../gateway-binary.ts";
import { labPort } from "../lab-port.ts";
import { LabProcess } from "../lab-process.ts";
import { reverse } from "../running.ts";

type Options = { readonly timeoutS?: number; readonly host?: string; readonly at?: string };

async function gatewayProcess(originHost: string, options: Options): Promise<LabProcess> {
  const { timeoutS = 0, host = originHost, at = "/" } = options;
  const binary = await gatewayBinary();
  if ("missing" in binary) throw new Error(binary.missing);
  const port = await labPort();
  const settings = `[server]
listen = "127.0.0.1:${port}"
threads = 1
grace_period_s = 1
access_log = "access.log"
error_log = "error.log"

[upstream.origin]
servers = [{ addr = "${host}", weight = 1 }]

[[routes]]
path_prefix = "${at}"
upstream = "origin"
preserve_host = true
timeout = ${timeoutS}
`;
  return new LabProcess({
    name: "gateway",
    program: binary.path,
    port,
    args: (folder) => ["--config", `${folder}/gateway.toml`],
    files: () => ({ "gateway.toml": settings }),
    logs: ["error.log"],
  });
}

function gateway(name: string, faults: readonly Fault[], about: string, options: Options = {}): Configuration {
  return {
    name,
    product: "pingora",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: options.timeoutS ?? null,
    about,
    async missing() {
      const binary = await gatewayBinary();
      return "missing" in binary ? binary.missing : null;
    },
    start: async (originUrl) => reverse(await gatewayProcess(hostOf(originUrl), options)),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function gatewayIdle(idleS: number, name = "gateway-idle"): Configuration {
  const about = `ends a stream after ${idleS} s of silence (timeout = ${idleS})`;
  return gateway(name, ["idle-cut"], about, { timeoutS: idleS });
}

export const gatewayConfigurations: readonly Configuration[] = [
  gateway("gateway-good", [], "our gateway, timeout = 0"),
  gatewayIdle(3),
  gateway("gateway-down", ["upstream-down"], "its upstream refuses connections: 502", { host: nobody }),
  gateway("gateway-no-route", ["no-route"], "no route for the path: 404", { at: "/elsewhere" }),
];
