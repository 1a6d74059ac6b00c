/** Real forward proxies of our own, Squid and tinyproxy: own configuration, own folder, loopback only, ended by the test. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, type TestContext, vi } from "vitest";
import { end, start } from "../../build/setup/children.ts";
import { freePort } from "../fakes/free-port.ts";

const programs = { squid: "/usr/sbin/squid", tinyproxy: "/usr/bin/tinyproxy" } as const;
const shared = "/dev/shm";
export type ForwardProgram = keyof typeof programs;

/** Skips the test by name where the program is not there. */
export function needProgram(name: ForwardProgram, { skip }: Pick<TestContext, "skip">): void {
  if (!existsSync(programs[name])) skip(`${name} is not installed (Debian: apt-get install ${name})`);
}

export type ForwardOptions = {
  /** `user:password` that has to be given. */
  readonly wants?: string;
  /** Ports that tunnels may lead to; without it: any. */
  readonly tunnelPorts?: readonly number[];
  /** Nobody is let through. */
  readonly deny?: boolean;
};

/** A running proxy; names of `/etc/hosts` and addresses are all it can look up here. */
export async function forwardProgram(
  name: ForwardProgram,
  options: ForwardOptions = {},
): Promise<{ port: number; log(): string }> {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  const port = await freePort();
  // Squid names its shared memory by it: two of one name cannot run.
  const service = `holdfast${port}`;
  const conf = join(folder, `${name}.conf`);
  // Squid gives up root by itself, and writes its logs as somebody else.
  chmodSync(folder, 0o777);
  const lines = name === "squid" ? squid(folder, port, options) : tinyproxy(folder, port, options);
  writeFileSync(conf, `${lines.join("\n")}\n`);
  const args = name === "squid" ? ["-N", "-n", service, "-f", conf] : ["-d", "-c", conf];
  const running = start(programs[name], args, { stdio: "ignore" });
  let code: number | null = null;
  void running.exited.then((exit) => (code = exit));
  const log = () => ["cache.log", "access.log", "proxy.log"].map((file) => read(join(folder, file))).join("\n");
  onTestFinished(async () => {
    await end(running);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    for (const part of name === "squid" && existsSync(shared) ? readdirSync(shared) : []) {
      if (part.startsWith(`${service}-`)) rmSync(join(shared, part), { force: true });
    }
  });
  await vi.waitFor(
    async () => {
      if (code === null) await dial(port);
    },
    { timeout: 20_000, interval: 50 },
  );
  if (code !== null) throw new Error(`${name} ended with ${code}: ${log()}`);
  return { port, log };
}

function squid(folder: string, port: number, { wants, tunnelPorts, deny }: ForwardOptions): string[] {
  const helper = "/usr/lib/squid/basic_fake_auth";
  return [
    `http_port 127.0.0.1:${port}`,
    `pid_filename ${folder}/squid.pid`,
    `access_log stdio:${folder}/access.log`,
    `cache_log ${folder}/cache.log`,
    "cache deny all",
    `coredump_dir ${folder}`,
    "shutdown_lifetime 0 seconds",
    "pinger_enable off",
    "netdb_filename none",
    ...(wants === undefined ? [] : [`auth_param basic program ${helper}`, "acl known proxy_auth REQUIRED"]),
    ...(tunnelPorts === undefined
      ? []
      : [`acl tunnels port ${tunnelPorts.join(" ")}`, "http_access deny CONNECT !tunnels"]),
    ...(deny ? ["http_access deny all"] : []),
    ...(wants === undefined ? [] : ["http_access deny !known"]),
    "http_access allow all",
  ];
}

function tinyproxy(folder: string, port: number, { wants, tunnelPorts, deny }: ForwardOptions): string[] {
  return [
    `Port ${port}`,
    "Listen 127.0.0.1",
    "Timeout 600",
    `LogFile "${folder}/proxy.log"`,
    "LogLevel Info",
    "MaxClients 100",
    ...(wants === undefined ? [] : [`BasicAuth ${wants.replace(":", " ")}`]),
    ...(tunnelPorts ?? []).map((each) => `ConnectPort ${each}`),
    deny ? "Deny 127.0.0.1" : "Allow 127.0.0.1",
  ];
}

function read(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function dial(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  }).finally(() => socket.destroy());
}
