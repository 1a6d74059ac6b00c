/** tinyproxy, asked for whole addresses, for tunnels, and as a reverse proxy; 1.11, as Debian 12 has it. */
import { nobody, type Role } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { forward, reverse } from "../running.ts";
import type { Standing } from "./standing.ts";

type Options = {
  readonly timeoutS?: number;
  /** The origin is not there. */
  readonly down?: boolean;
  /** Reverse: the path that leads to the origin. */
  readonly prefix?: string;
  /** Further lines. */
  readonly lines?: readonly string[];
};

function tinyproxy(role: Role, about: string, options: Options = {}): Standing {
  const { timeoutS = 3600, down = false, prefix = "/", lines = [] } = options;
  return {
    product: "tinyproxy",
    role,
    about,
    missing: async () => missingProgram("tinyproxy", "tinyproxy-bin"),
    async start(originUrl) {
      const target = down ? `http://${nobody}` : originUrl;
      const port = await labPort();
      const all = [
        `Port ${port}`,
        "Listen 127.0.0.1",
        `Timeout ${timeoutS}`,
        'DefaultErrorFile "/usr/share/tinyproxy/default.html"',
        "LogLevel Warning",
        "MaxClients 100",
        "Allow 127.0.0.1",
        'ViaProxyName "tinyproxy"',
        ...(role === "reverse" ? ["ReverseOnly Yes", "ReverseMagic No", `ReversePath "${prefix}" "${target}/"`] : []),
        ...lines,
      ];
      const made = new LabProcess({
        name: "tinyproxy",
        program: findProgram("tinyproxy") ?? "tinyproxy",
        port,
        args: (folder) => ["-d", "-c", `${folder}/tinyproxy.conf`],
        files: () => ({ "tinyproxy.conf": `${all.join("\n")}\n`, filter: "^127\\.0\\.0\\.1\n" }),
      });
      return role === "reverse" ? reverse(made) : forward(made, target);
    },
  };
}

export const tinyGood = tinyproxy("reverse", "ReversePath to the origin");
export const tinyDown = tinyproxy("reverse", "its origin refuses connections", { down: true });
export const tinyNoRoute = tinyproxy("reverse", "no ReversePath for the path", { prefix: "/elsewhere/" });
export const tinyForwardGood = tinyproxy("forward", "asked for whole addresses, everything allowed");
export const tinyForwardDown = tinyproxy("forward", "the target refuses connections", { down: true });
export const tinyForwardFiltered = tinyproxy("forward", "Filter: the host is not allowed", {
  lines: ['Filter "filter"', "FilterExtended On"],
});
export const tinyForwardAuth = tinyproxy("forward", "BasicAuth: wants a name and a password", {
  lines: ["BasicAuth lab secret"],
});
export const tinyConnectGood = tinyproxy("connect", "asked for tunnels, everything allowed");
export const tinyConnectPort = tinyproxy("connect", "ConnectPort 443 alone: refuses the tunnel", {
  lines: ["ConnectPort 443"],
});
export const tinyConnectDown = tinyproxy("connect", "the target of the tunnel refuses connections", { down: true });

/** Cuts after so many seconds without a byte. */
export function tinyIdle(role: Role, idleS: number): Standing {
  return tinyproxy(role, `ends a stream after ${idleS} s of silence (Timeout)`, { timeoutS: idleS });
}
