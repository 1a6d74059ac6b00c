/** Varnish in front of the origin: a cache, for which a stream is an object until somebody says otherwise. */
import { existsSync } from "node:fs";
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";

type Options = {
  readonly timeoutS?: number;
  readonly host?: string;
  /** Subroutines beside the backend. */
  readonly vcl?: string;
};

const pass = 'sub vcl_recv { if (req.http.Accept ~ "text/event-stream") { return (pass); } }';
const pipe = 'sub vcl_recv { if (req.http.Accept ~ "text/event-stream") { return (pipe); } }';
const compress = `${pass}\nsub vcl_backend_response { set beresp.do_gzip = true; }`;
const noRoute = 'sub vcl_recv { if (req.url !~ "^/elsewhere/") { return (synth(404)); } return (pass); }';

async function varnishProcess(originHost: string, options: Options): Promise<LabProcess> {
  const { timeoutS = 3600, host = originHost, vcl = pass } = options;
  const port = await labPort();
  const [address, backendPort] = host.split(":");
  const backend = `backend origin {
  .host = "${address}";
  .port = "${backendPort}";
  .connect_timeout = 2s;
  .first_byte_timeout = ${timeoutS}s;
  .between_bytes_timeout = ${timeoutS}s;
}`;
  return new LabProcess({
    name: "varnish",
    program: findProgram("varnishd") ?? "varnishd",
    port,
    args: (folder) => [
      ...["-F", "-j", "none", "-T", "none", "-n", `${folder}/work`, "-f", `${folder}/lab.vcl`],
      ...["-a", `127.0.0.1:${port}`, "-s", "malloc,16m", "-p", "vsl_space=1m", "-p", "pipe_timeout=3600"],
    ],
    folders: ["work"],
    files: () => ({ "lab.vcl": `vcl 4.1;\n${backend}\n${vcl}\n` }),
  });
}

/** It compiles its configuration with the system's C compiler. */
function missingVarnish(): string | null {
  if (findProgram("gcc") === null && !existsSync("/usr/bin/cc"))
    return "no C compiler, which varnish needs (Debian: gcc)";
  return missingProgram("varnishd", "varnish");
}

function varnish(name: string, faults: readonly Fault[], about: string, options: Options = {}): Configuration {
  return {
    name,
    product: "varnish",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: options.timeoutS ?? null,
    about,
    missing: async () => missingVarnish(),
    start: async (originUrl) => reverse(await varnishProcess(hostOf(originUrl), options)),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function varnishIdle(idleS: number, name = "varnish-idle"): Configuration {
  const about = `ends a stream after ${idleS} s of silence (between_bytes_timeout ${idleS}s)`;
  return varnish(name, ["idle-cut"], about, { timeoutS: idleS });
}

export const varnishConfigurations: readonly Configuration[] = [
  varnish("varnish-good", [], "return (pass) for event streams"),
  varnish("varnish-pipe", [], "return (pipe) for event streams", { vcl: pipe }),
  varnish("varnish-default", ["cache"], "its built-in rules: a stream without Cache-Control is cached and shared", {
    vcl: "",
  }),
  varnish("varnish-gzip", ["compression"], "do_gzip: held until the end, also for who did not ask for it", {
    vcl: compress,
  }),
  varnishIdle(3),
  varnish("varnish-down", ["upstream-down"], "its backend refuses connections: 503, Guru Meditation", { host: nobody }),
  varnish("varnish-no-route", ["no-route"], "its rules know no such path: a 404 of its own", { vcl: noRoute }),
];
