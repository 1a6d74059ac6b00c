/**
 * Headers of the command line: `--header` and `--header-env` for the first address, `--endpoint-header` for any other. A
 * header never goes to a server that it was not given for.
 */
import { readFileSync } from "node:fs";
import type { Endpoint } from "../../preload/contract.ts";
import { serverOf } from "../io/addresses.ts";
import { CliError } from "./arguments.ts";

type Header = Endpoint["headers"][number];

export type HeaderArguments = {
  readonly header: readonly string[];
  readonly headerEnv: readonly string[];
  readonly endpointHeader: readonly string[];
};

/** The endpoint with all its headers. @throws CliError naming the argument that is wrong */
export function withHeaders(endpoint: Endpoint, given: HeaderArguments, env: NodeJS.ProcessEnv): Endpoint {
  const lines = given.header.flatMap((value) => linesOf("--header", value));
  const fromEnv = given.headerEnv.map((name) => {
    const line = env[name];
    if (line === undefined) throw new CliError(`watch: --header-env ${name}: there is no such variable`);
    return line;
  });
  const own = [...lines, ...fromEnv].map((line) => headerOf("--header wants 'Name: value'", line));
  const others = given.endpointHeader.flatMap((value) => linesOf("--endpoint-header", value)).map(addressed);
  const at = (url: string): Header[] =>
    others.flatMap(({ server, header }) => (server === serverOf(url) ? [header] : []));
  const { url, group, websocket } = endpoint;
  const known = new Set([url, ...group.map((member) => member.url), websocket?.url ?? url].map(serverOf));
  const stray = others.find(({ server }) => !known.has(server));
  if (stray !== undefined) {
    throw new CliError(`watch: --endpoint-header ${stray.server}: none of the given addresses is of this origin`);
  }
  return {
    ...endpoint,
    headers: [...own, ...at(url)],
    group: group.map((member) => ({ ...member, headers: at(member.url) })),
    websocket: websocket === null ? null : { ...websocket, headers: at(websocket.url) },
  };
}

/** `K: V` as it is, or every line of the file behind `@`. @throws CliError naming command and flag */
export function linesOf(flag: string, value: string, command = "watch"): string[] {
  if (!value.startsWith("@")) return [value];
  try {
    return readFileSync(value.slice(1), "utf8")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  } catch {
    throw new CliError(`${command}: ${flag} ${value}: the file cannot be read`);
  }
}

/** `ORIGIN Name: value` */
function addressed(line: string): { server: string; header: Header } {
  const wants = "--endpoint-header wants 'ORIGIN Name: value', for example 'https://b.example X-Key: 1'";
  const [, origin = "", rest = ""] = /^(\S+)[ \t]+(.*)$/s.exec(line) ?? [];
  const server = serverOf(origin);
  if (server === "" || !/^(https?|wss?):\/\/[^/?#]+\/?$/i.test(origin)) throw new CliError(`watch: ${wants}`);
  return { server, header: headerOf(wants, rest) };
}

/** @throws CliError naming command and flag */
export function headerOf(wants: string, line: string, command = "watch"): Header {
  const colon = line.indexOf(":");
  if (colon < 1) throw new CliError(`${command}: ${wants}, with a colon`);
  // Only what RFC 9110 allows around a value goes: a line break must be seen and refused.
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
  return { name: line.slice(0, colon), value, secret: false };
}
