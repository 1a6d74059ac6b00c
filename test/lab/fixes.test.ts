/**
 * Every block that a diagnosis suggests is accepted by the real program: pasted at the place that it names into a small
 * configuration, which the program then reads and checks. No program is started as a server. JavaScript is only parsed, and
 * Pingora's Rust, Envoy, Traefik and services of others are not looked at here.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { expect, it, onTestFinished } from "vitest";
import { runTool } from "../../build/setup/tool.mjs";
import { fixesOf, fixTable } from "../../main/core/diagnosis/fixes.ts";
import { gatewayBinary } from "./gateway-binary.ts";
import { findProgram, missingProgram } from "./lab-process.ts";

/** Lines by the place they are for; "" is the product's usual one. */
type Pieces = ReadonlyMap<string, string>;

type Product = {
  readonly product: string;
  readonly missing: () => Promise<string | null>;
  /** What a block calls the places of this product; another is a mistake in the table. */
  readonly places: readonly string[];
  readonly config: (at: (place: string) => string, folder: string) => string;
  /** Words in capitals; where a product has none, they are names of its own. */
  readonly replaced?: Readonly<Record<string, string>>;
  readonly program: () => Promise<string>;
  readonly args: (file: string, folder: string) => readonly string[];
};

const values = { path: "/events", host: "example.com", port: 8443, seconds: 60 };
const somewhere = { ORIGIN: "127.0.0.1:10", HOST: "127.0.0.1", PORT: "10" };
const modules = "/usr/lib/apache2/modules";
const apacheModules = ["mpm_event", "authz_core", "proxy", "proxy_http", "cache", "setenvif", "filter", "deflate"];
const location = `in the location of ${values.path}`;
const route = `in the route of ${values.path}`;

function installed(name: string, debianPackage = name) {
  return {
    missing: async () => missingProgram(name, debianPackage),
    program: async () => findProgram(name) ?? name,
  };
}

const products: readonly Product[] = [
  {
    product: "nginx",
    ...installed("nginx"),
    places: ["in nginx.conf, outside of http", "in http", location],
    replaced: somewhere,
    config: (at, folder) => `pid ${folder}/pid;
error_log ${folder}/error.log;
${at("in nginx.conf, outside of http")}
events {}
http {
${at("in http")}
server {
listen 127.0.0.1:10;
${at("")}
${at(location) === "" ? "" : `location ${values.path} {\n${at(location)}\n}`}
}
}
`,
    args: (file, folder) => ["-t", "-p", folder, "-c", file],
  },
  {
    product: "haproxy",
    ...installed("haproxy"),
    places: ["global", "in defaults", "in the frontend", "in the backend"],
    replaced: { HOST: "127.0.0.1", PORT: "10" },
    config: (at) => `global
maxconn 10
${at("global")}
defaults
mode http
timeout connect 2s
timeout client 1h
timeout server 1m
${at("in defaults")}
frontend lab
bind 127.0.0.1:10
${at("in the frontend")}
backend ORIGIN
server first 127.0.0.1:9
${at("in the backend")}
`,
    args: (file) => ["-c", "-f", file],
  },
  {
    product: "caddy",
    ...installed("caddy"),
    places: ["at the top of the Caddyfile"],
    replaced: somewhere,
    config: (at) => `${at("at the top of the Caddyfile")}\nhttp://127.0.0.1:10 {\n${at("")}\n}\n`,
    args: (file) => ["validate", "--config", file, "--adapter", "caddyfile"],
  },
  {
    product: "apache",
    ...installed("apache2"),
    places: ["in apache2.conf, outside of <VirtualHost>"],
    replaced: somewhere,
    config: (at, folder) => `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:10
DefaultRuntimeDir ${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
${apacheModules.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join("\n")}
${at("in apache2.conf, outside of <VirtualHost>")}
<VirtualHost *:10>
${at("")}
</VirtualHost>
`,
    args: (file, folder) => ["-t", "-d", folder, "-f", file],
  },
  {
    product: "varnish",
    ...installed("varnishd", "varnish"),
    places: [],
    replaced: somewhere,
    // A backend that nobody uses is an error, unless it is the only one.
    config: (at) =>
      `vcl 4.1;\n${/^backend /m.test(at("")) ? "" : 'backend origin { .host = "127.0.0.1"; }'}\n${at("")}\n`,
    args: (file, folder) => ["-C", "-n", `${folder}/work`, "-f", file],
  },
  {
    product: "squid",
    ...installed("squid"),
    places: ["before the other http_access lines"],
    replaced: somewhere,
    config: (at, folder) => `http_port 127.0.0.1:10 accel defaultsite=127.0.0.1 no-vhost
cache_peer 127.0.0.1 parent 9 0 no-query originserver name=origin
pid_filename none
access_log none
cache_log ${folder}/cache.log
visible_hostname lab.invalid
${at("before the other http_access lines")}
http_access deny all
${at("")}
`,
    args: (file) => ["-k", "parse", "-f", file],
  },
  {
    product: "holdfast-gateway",
    async missing() {
      const binary = await gatewayBinary();
      return "missing" in binary ? binary.missing : null;
    },
    async program() {
      const binary = await gatewayBinary();
      return "missing" in binary ? "" : binary.path;
    },
    places: ["in [server]", route],
    replaced: { HOST: "127.0.0.1", PORT: "10" },
    config: (at) => `[server]
listen = "127.0.0.1:10"
${at("in [server]")}
${at("").includes("[upstream.UPSTREAM]") ? "" : '[upstream.UPSTREAM]\nservers = [{ addr = "127.0.0.1:10" }]'}
${at("")}
[[routes]]
path_prefix = "/elsewhere"
upstream = "UPSTREAM"
${at(route) === "" ? "" : `[[routes]]\npath_prefix = "${values.path}"\nupstream = "UPSTREAM"\n${at(route)}`}
`,
    args: (file) => ["--check", "--config", file],
  },
];

const codes = Object.keys(fixTable);
const blocks = codes.flatMap((code) => fixesOf(code, null, values).map((fix) => ({ code, ...fix })));

it.for(products)(
  "$product accepts every block that is suggested for it",
  { timeout: 180_000 },
  async (each, context) => {
    const why = await each.missing();
    if (why !== null) context.skip(why);
    const mine = blocks.filter(({ product }) => product === each.product);
    expect(mine.length).toBeGreaterThan(5);
    // A check that finds nothing wrong with nonsense would prove nothing.
    expect(await complaint(each, "holdfast-nonsense {")).not.toBeNull();
    const refused: string[] = [];
    for (const { code, text } of mine) {
      const said = await complaint(each, text);
      if (said !== null) refused.push(`${code}:\n${text}\n${said}`);
    }
    expect(refused).toEqual([]);
  },
);

it("http-proxy's lines are JavaScript", () => {
  const mine = blocks.filter(({ product }) => product === "http-proxy");
  expect(mine.length).toBeGreaterThan(5);
  for (const { text } of mine) expect(() => new Script(text), text).not.toThrow();
});

it.each(["pingora", "holdfast-gateway"])("%s has lines of its own for a path without a route", (product) => {
  const [first] = fixesOf("no-route", product, values);
  expect(first?.product).toBe(product);
  expect(first?.text).toContain(product === "pingora" ? 'starts_with("/events")' : 'path_prefix = "/events"');
});

/** What the program says against a block; null: it takes it. */
async function complaint(each: Product, text: string): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-fix-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Started by root, some become another user before they write.
  chmodSync(folder, 0o777);
  const pieces = piecesOf(each, text);
  const file = join(folder, "config");
  writeFileSync(
    file,
    each.config((place) => replaced(pieces.get(place) ?? "", each.replaced ?? {}), folder),
  );
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const { code, stdout, stderr } = await runTool(await each.program(), each.args(file, folder), {
    cwd: folder,
    env,
    timeoutMs: 30_000,
  });
  // Squid says of a line it does not understand that it does not, and goes on.
  const output = `${stdout}${stderr}`;
  return code === 0 && !/ERROR|unrecognized/i.test(each.product === "squid" ? output : "") ? null : output.slice(-1000);
}

/** A remark `in …:` names the place of what follows it. */
function piecesOf({ product, places }: Product, text: string): Pieces {
  const pieces = new Map<string, string>();
  let place = "";
  for (const line of text.split("\n")) {
    const named = /^# ((?:in|at|before) .+):$/.exec(line)?.[1] ?? (line === "global" ? line : null);
    if (named === null) pieces.set(place, `${pieces.get(place) ?? ""}${line}\n`);
    else place = named;
    if (named !== null && !places.includes(named)) throw new Error(`${product} has no place "${named}"`);
  }
  // HAProxy has no usual place: what names none is put where it is refused, unless it is only remarks.
  const lost = product === "haproxy" && pieces.has("") ? pieces.get("") : undefined;
  if (lost !== undefined) pieces.set("global", `${pieces.get("global") ?? ""}${lost}`);
  return pieces;
}

function replaced(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/\b[A-Z]{4,}\b/g, (word) => words[word] ?? word);
}
