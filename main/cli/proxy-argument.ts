/** `--proxy none|env|URL` of the command line. Without it the environment counts: there is no Electron here to ask the system. */
import type { Endpoint } from "../../preload/contract.ts";
import { proxyErrors } from "../io/stores/proxy-rules.ts";
import { CliError } from "./arguments.ts";

/** @throws CliError naming the argument, never what stands in it beside a host: that may be a password */
export function proxyArgument(command: string, value: string | undefined): Endpoint["proxy"] {
  const nothing = { url: "", username: "" };
  if (value === undefined || value === "env") return { mode: "environment", ...nothing };
  if (value === "none") return { mode: "none", ...nothing };
  const proxy = { mode: "manual", url: value, username: "" } as const;
  const [error] = proxyErrors(proxy);
  if (error === undefined) return proxy;
  if (error.code === "proxy-url-credentials") {
    throw new CliError(
      `${command}: --proxy: every program here can read user name and password there; put the whole address into HTTPS_PROXY or HTTP_PROXY`,
    );
  }
  throw new CliError(
    `${command}: --proxy: wants none, env, or an address like http://proxy.example:3128 or socks5://…`,
  );
}
