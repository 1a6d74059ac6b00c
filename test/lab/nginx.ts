/**
 * A real nginx of our own: own configuration, own folder, loopback only, a child that ends with the test. The machine's
 * nginx, if it has one, is neither asked nor touched.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, type TestContext, vi } from "vitest";
import { end, type Running, start } from "../../build/setup/children.ts";
import { freePort } from "../fakes/free-port.ts";

const program = "/usr/sbin/nginx";
const nchanModule = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** Skips the test by name where there is no nginx. */
export function needNginx({ skip }: Pick<TestContext, "skip">): void {
  if (!existsSync(program)) skip("nginx is not installed (Debian: apt-get install nginx)");
}

/** Skips the test by name where nginx has no nchan. */
export function needNchan(context: Pick<TestContext, "skip">): void {
  needNginx(context);
  if (!existsSync(nchanModule)) context.skip("nchan is not installed (Debian: apt-get install libnginx-mod-nchan)");
}

export type NginxOptions = {
  /** What stands inside `server { … }` beside the listening. */
  readonly server: string;
  /** What stands inside `http { … }` beside the server. */
  readonly http?: string;
  readonly nchan?: boolean;
};

export class Nginx {
  readonly port: number;
  readonly #folder: string;
  #running: Running | null = null;

  constructor(port: number, folder: string, { server, http = "", nchan = false }: NginxOptions) {
    this.port = port;
    this.#folder = folder;
    for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder, name));
    const lines = [
      ...(nchan ? [`load_module ${nchanModule};`] : []),
      // Started by root its worker would be "nobody", who may not write into our folder.
      ...(process.getuid?.() === 0 ? ["user root;"] : []),
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
    writeFileSync(join(folder, "nginx.conf"), `${lines.join("\n")}\n`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `status last=Last-Event-ID` of each request that has ended. */
  get asked(): string[] {
    const file = join(this.#folder, "asked.log");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** Starts it and waits until it takes connections. */
  async start(): Promise<this> {
    const folder = this.#folder;
    const args = ["-p", folder, "-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")];
    const running = start(program, args, { stdio: "ignore" });
    this.#running = running;
    let code: number | null = null;
    void running.exited.then((exit) => (code = exit));
    const reason = () => readFileSync(join(folder, "error.log"), "utf8");
    await vi.waitFor(
      async () => {
        if (code !== null) return;
        await dial(this.port);
      },
      { timeout: 10_000, interval: 20 },
    );
    if (code !== null) throw new Error(`nginx ended with ${code}: ${reason()}`);
    return this;
  }

  /** Ends it at once; every connection through it breaks. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running !== null) await end(running);
  }
}

function dial(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  }).finally(() => socket.destroy());
}

/** A running nginx that lives as long as the test that asks for it. */
export async function nginx(options: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-nginx-"));
  const made = new Nginx(await freePort(), folder, options);
  onTestFinished(async () => {
    await made.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return made.start();
}

/** The location of a stream as it has to be written: HTTP/1.1 to the origin, nothing held back. */
export function streaming(originPort: number): string {
  return `location / {
    proxy_pass http://127.0.0.1:${originPort};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_read_timeout 1h;
  }`;
}

/** The location as people write it first: HTTP/1.0 to the origin, and buffers. */
export function buffering(originPort: number): string {
  return `location / { proxy_pass http://127.0.0.1:${originPort}; }`;
}
