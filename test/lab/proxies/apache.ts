/** Apache httpd in front of the origin, with mod_proxy_http. */
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";

const modules = "/usr/lib/apache2/modules";
const always = ["mpm_event", "authz_core", "proxy", "proxy_http"];

type Options = {
  readonly timeoutS?: number;
  readonly host?: string;
  /** Path of the origin's place. */
  readonly at?: string;
  readonly deflate?: boolean;
};

async function apacheProcess(originHost: string, options: Options): Promise<LabProcess> {
  const { timeoutS = 3600, host = originHost, at = "/", deflate = false } = options;
  const port = await labPort();
  const loaded = deflate ? [...always, "filter", "deflate"] : always;
  const lines = (folder: string) => [
    `ServerRoot ${folder}`,
    "ServerName 127.0.0.1",
    `Listen 127.0.0.1:${port}`,
    "PidFile httpd.pid",
    "ErrorLog error.log",
    "DefaultRuntimeDir .",
    // Started by root its workers have to be somebody else.
    ...(process.getuid?.() === 0 ? ["User www-data", "Group www-data"] : []),
    ...loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`),
    "StartServers 1",
    "ServerLimit 2",
    "ThreadsPerChild 32",
    "MaxRequestWorkers 64",
    "MinSpareThreads 1",
    "MaxSpareThreads 64",
    "GracefulShutdownTimeout 1",
    `ProxyTimeout ${timeoutS}`,
    `Timeout ${timeoutS}`,
    deflate ? "SetOutputFilter DEFLATE" : "",
    // Without retry=0 a backend that was away once is not asked again for a minute.
    `ProxyPass ${at} http://${host}/ flushpackets=on retry=0`,
  ];
  return new LabProcess({
    name: "apache",
    program: findProgram("apache2") ?? "apache2",
    port,
    args: (folder) => ["-D", "FOREGROUND", "-d", folder, "-f", "httpd.conf"],
    files: (folder) => ({
      "httpd.conf": `${lines(folder)
        .filter((line) => line !== "")
        .join("\n")}\n`,
    }),
    logs: ["error.log"],
    shared: true,
  });
}

function apache(name: string, faults: readonly Fault[], about: string, options: Options = {}): Configuration {
  return {
    name,
    product: "apache",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: options.timeoutS ?? null,
    about,
    missing: async () => missingProgram("apache2"),
    start: async (originUrl) => reverse(await apacheProcess(hostOf(originUrl), options)),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function apacheIdle(idleS: number, name = "apache-idle"): Configuration {
  const about = `ends a stream after ${idleS} s of silence (ProxyTimeout ${idleS})`;
  return apache(name, ["idle-cut"], about, { timeoutS: idleS });
}

export const apacheConfigurations: readonly Configuration[] = [
  apache("apache-good", [], "ProxyPass with flushpackets=on, ProxyTimeout 1h"),
  apache("apache-deflate", [], "compresses, and flushes each event", { deflate: true }),
  apacheIdle(3),
  apache("apache-slow", ["slow-origin"], "an origin that needs more than 4 s to answer: 502 (ProxyTimeout 4)", {
    timeoutS: 4,
  }),
  apache("apache-down", ["upstream-down"], "its backend refuses connections: 503", { host: nobody }),
  apache("apache-no-route", ["no-route"], "no ProxyPass for the path: a 404 of its own", { at: "/elsewhere/" }),
];
