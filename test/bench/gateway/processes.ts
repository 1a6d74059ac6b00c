/**
 * The processes of the gateway's bench: origin, client, nginx, gateway; each its own, none of them the one that asks.
 * Every one ends with ours. Measures nothing.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Running, start } from "../../../build/setup/children.ts";
import { freePort } from "../../fakes/free-port.ts";
import type { Order, Report } from "./client.ts";

/** Descriptors for 5,000 streams with two ends each, and some to spare. */
export const descriptors = 12_000;

const nginxProgram = "/usr/sbin/nginx";

/** A program with its limit of open files raised. */
function raised(file: string, args: readonly string[], stdio: "ipc" | "plain"): Running {
  const script = `ulimit -n ${descriptors} 2>/dev/null; exec "$0" "$@"`;
  const [input, output, errors] = ["ignore", "ignore", "inherit"] as const;
  return start("/bin/sh", ["-c", script, file, ...args], {
    stdio: stdio === "ipc" ? [input, output, errors, "ipc"] : [input, output, errors],
  });
}

function node(name: string): Running {
  return raised(process.execPath, [join(import.meta.dirname, name)], "ipc");
}

export type Origin = { readonly running: Running; readonly port: number; finish(): void };

export async function startOrigin(): Promise<Origin> {
  const running = node("origin.ts");
  const port = await answer<number>(running);
  return { running, port, finish: () => void running.child.send("finish") };
}

export type Client = { readonly running: Running; ask(order: Order): Promise<Report> };

export function startClient(): Client {
  const running = node("client.ts");
  return {
    running,
    ask: (order) => {
      const report = answer<Report>(running);
      running.child.send(order);
      return report;
    },
  };
}

function answer<T>({ child, exited }: Running): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as T));
    void exited.then((code) => reject(new Error(`a process of the bench ended with ${code}`)));
  });
}

export type Hop = { readonly running: Running; readonly port: number };

/** The gateway as its example configures a stream. */
export async function startGateway(binary: string, folder: string, originPort: number): Promise<Hop> {
  const port = await freePort();
  const file = join(folder, "gateway.toml");
  const lines = [
    `[server]\nlisten = "127.0.0.1:${port}"\nthreads = 4\ngrace_period_s = 0\naccess_log = "access.log"`,
    `[upstream.origin]\nservers = [{ addr = "127.0.0.1:${originPort}" }]`,
    `[[routes]]\npath_prefix = "/s"\nupstream = "origin"\ntimeout = 0`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return listening(raised(binary, ["--config", file], "plain"), port, "the gateway");
}

/** None where there is no nginx. */
export async function startNginx(folder: string, originPort: number): Promise<Hop | undefined> {
  if (!existsSync(nginxProgram)) return undefined;
  const port = await freePort();
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder, name));
  const file = join(folder, "nginx.conf");
  const lines = [
    ...(process.getuid?.() === 0 ? ["user root;"] : []),
    "daemon off; worker_processes auto; pid nginx.pid; error_log error.log crit;",
    "events { worker_connections 4096; }",
    "http { access_log off;",
    "client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;",
    `server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${originPort};`,
    'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 1h; } } }',
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  const running = raised(nginxProgram, ["-p", folder, "-e", join(folder, "error.log"), "-c", file], "plain");
  return listening(running, port, "nginx");
}

async function listening(running: Running, port: number, name: string): Promise<Hop> {
  let ended = false;
  void running.exited.then(() => (ended = true));
  for (let tries = 0; tries < 500 && !ended; tries++) {
    if (await dial(port)) return { running, port };
    await delay(20);
  }
  throw new Error(`${name} does not listen`);
}

function dial(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
