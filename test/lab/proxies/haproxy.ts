/** HAProxy in front of the origin. It shows nothing of itself while a stream is well; its defaults cost 200 ms. */
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";

type Options = {
  readonly noDelay?: boolean;
  readonly serverTimeoutS?: number;
  /** Instead of the origin. */
  readonly host?: string;
  /** A condition of the rule that leads to the origin. */
  readonly only?: string;
};

async function haproxyProcess(originHost: string, options: Options): Promise<LabProcess> {
  const { noDelay = true, serverTimeoutS = 3600, host = originHost, only } = options;
  const port = await labPort();
  const lines = [
    "global",
    "  maxconn 256",
    "  nbthread 1",
    "defaults",
    "  mode http",
    // One more try, each after a second: the default of three would make every refusal take three.
    "  retries 1",
    "  timeout connect 2s",
    "  timeout client 1h",
    `  timeout server ${serverTimeoutS}s`,
    noDelay ? "  option http-no-delay" : "",
    "frontend lab",
    `  bind 127.0.0.1:${port}`,
    only === undefined ? "  default_backend origin" : `  use_backend origin if ${only}`,
    "backend origin",
    `  server origin ${host}`,
  ];
  return new LabProcess({
    name: "haproxy",
    program: findProgram("haproxy") ?? "haproxy",
    port,
    args: () => ["-db", "-f", "haproxy.cfg"],
    files: () => ({ "haproxy.cfg": `${lines.filter((line) => line !== "").join("\n")}\n` }),
  });
}

function haproxy(name: string, faults: readonly Fault[], about: string, options: Options = {}): Configuration {
  return {
    name,
    product: "haproxy",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: options.serverTimeoutS ?? null,
    about,
    missing: async () => missingProgram("haproxy"),
    start: async (originUrl) => reverse(await haproxyProcess(hostOf(originUrl), options)),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function haproxyIdle(idleS: number, name = "haproxy-idle"): Configuration {
  return haproxy(name, ["idle-cut"], `ends a stream after ${idleS} s of silence (timeout server ${idleS}s)`, {
    serverTimeoutS: idleS,
  });
}

export const haproxyConfigurations: readonly Configuration[] = [
  haproxy("haproxy-good", [], "option http-no-delay, timeout server 1h"),
  haproxy("haproxy-default", ["batching"], "without http-no-delay: events leave in batches of about 200 ms", {
    noDelay: false,
  }),
  haproxyIdle(3),
  haproxy("haproxy-down", ["upstream-down"], "its server refuses connections: 503 after one more try", {
    host: nobody,
  }),
  haproxy("haproxy-no-route", ["no-route"], "no rule leads to a backend: 503 at once", {
    only: "{ path_beg /elsewhere/ }",
  }),
];
