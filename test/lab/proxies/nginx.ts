/** nginx in front of the origin. What people write first, what goes wrong with it, and the five lines that a stream needs. */
import { type Configuration, type Fault, hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram, type Program } from "../lab-process.ts";
import { reverse } from "../running.ts";

export type NginxOptions = {
  /** What stands inside `server { … }` beside the listening. */
  readonly server: string;
  /** What stands inside `http { … }` beside the server. */
  readonly http?: string;
  /** Before everything: `load_module` and its kin. */
  readonly modules?: string;
};

/** nginx as a program of the lab, not started yet. */
export async function nginxProcess(options: NginxOptions): Promise<LabProcess> {
  return new LabProcess(programOf(await labPort(), options));
}

function programOf(port: number, { server, http = "", modules = "" }: NginxOptions): Program {
  const lines = [
    modules,
    // Started by root its worker would be "nobody", who may not write into our folder.
    process.getuid?.() === 0 ? "user root;" : "",
    "daemon off;",
    "worker_processes 1;",
    "pid nginx.pid;",
    "error_log error.log warn;",
    "events { worker_connections 256; }",
    "http {",
    "log_format asked '$status last=$http_last_event_id';",
    "access_log asked.log asked;",
    "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;",
    http,
    `server { listen 127.0.0.1:${port};`,
    server,
    "} }",
  ];
  return {
    name: "nginx",
    program: findProgram("nginx") ?? "nginx",
    port,
    args: (folder) => ["-p", folder, "-e", "error.log", "-c", "nginx.conf"],
    files: () => ({ "nginx.conf": `${lines.filter((line) => line !== "").join("\n")}\n` }),
    logs: ["error.log"],
  };
}

/** The location of a stream as it has to be written: HTTP/1.1 to the origin, nothing held back. */
export function streamingLocation(host: string, readTimeout = "1h"): string {
  return `location / {
    proxy_pass http://${host};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_read_timeout ${readTimeout};
  }`;
}

/** The location as people write it first: HTTP/1.0 to the origin, and buffers. */
export function bufferingLocation(host: string): string {
  return `location / { proxy_pass http://${host}; proxy_read_timeout 1h; }`;
}

const gzip = "gzip on; gzip_types text/event-stream; gzip_proxied any; gzip_min_length 0;";

type Row = { readonly about: string; readonly idleS?: number; readonly http?: string };

function nginx(
  name: string,
  faults: readonly Fault[],
  { about, idleS = null as never, http = "" }: Row,
  server: (host: string) => string,
): Configuration {
  return {
    name,
    product: "nginx",
    role: "reverse",
    good: faults.length === 0,
    faults,
    idleS: idleS ?? null,
    about,
    missing: async () => missingProgram("nginx"),
    start: async (originUrl) => reverse(await nginxProcess({ server: server(hostOf(originUrl)), http })),
  };
}

/** Cuts after so many seconds without a byte of the origin. */
export function nginxIdle(idleS: number, name = "nginx-idle"): Configuration {
  const about = `ends a stream after ${idleS} s of silence (proxy_read_timeout ${idleS}s)`;
  return nginx(name, ["idle-cut"], { about, idleS }, (host) => streamingLocation(host, `${idleS}s`));
}

export const nginxConfigurations: readonly Configuration[] = [
  nginx("nginx-good", [], { about: "HTTP/1.1 to the origin, proxy_buffering off" }, (host) => streamingLocation(host)),
  nginx(
    "nginx-gzip-unbuffered",
    [],
    { about: "compresses, and flushes each event (proxy_buffering off)", http: gzip },
    (host) => streamingLocation(host),
  ),
  nginx(
    "nginx-buffering",
    ["buffering"],
    { about: "all defaults: HTTP/1.0 to the origin, and buffers" },
    bufferingLocation,
  ),
  nginx(
    "nginx-gzip",
    ["buffering", "compression"],
    { about: "all defaults, and gzip for streams too", http: gzip },
    bufferingLocation,
  ),
  nginxIdle(3),
  nginx("nginx-down", ["upstream-down"], { about: "its origin refuses connections: 502" }, () =>
    streamingLocation(nobody),
  ),
  nginx("nginx-no-route", ["no-route"], { about: "no location leads to the origin: a 404 of its own" }, (host) =>
    streamingLocation(host).replace("location /", "location /elsewhere/"),
  ),
];
