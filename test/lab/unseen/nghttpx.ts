/** nghttpx in front of the origin, HTTP/1.1 on both sides; 1.52, as Debian 12 has it. */
import { hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";
import type { Standing } from "./standing.ts";

type Options = { readonly readTimeout?: string; readonly host?: string; readonly via?: boolean };

function nghttpx(about: string, { readTimeout = "1h", host, via = true }: Options = {}): Standing {
  return {
    product: "nghttpx",
    role: "reverse",
    about,
    missing: async () => missingProgram("nghttpx", "nghttp2-proxy"),
    async start(originUrl) {
      const port = await labPort();
      const [backend, backendPort] = (host ?? hostOf(originUrl)).split(":");
      const lines = [
        `frontend=127.0.0.1,${port};no-tls`,
        `backend=${backend},${backendPort}`,
        "single-process=yes",
        `backend-read-timeout=${readTimeout}`,
        "backend-connect-timeout=2s",
        via ? "" : "no-via=yes",
        "errorlog-file=error.log",
      ];
      return reverse(
        new LabProcess({
          name: "nghttpx",
          program: findProgram("nghttpx") ?? "nghttpx",
          port,
          args: (folder) => [`--conf=${folder}/nghttpx.conf`],
          files: () => ({ "nghttpx.conf": `${lines.filter((line) => line !== "").join("\n")}\n` }),
          logs: ["error.log"],
        }),
      );
    },
  };
}

export const nghttpxGood = nghttpx("backend-read-timeout 1h");
export const nghttpxSilent = nghttpx("backend-read-timeout 1h, no-via", { via: false });
export const nghttpxDown = nghttpx("its backend refuses connections", { host: nobody });
export const nghttpxSlow = nghttpx("gives an origin 4 s for the header", { readTimeout: "4s" });

/** Cuts after so many seconds without a byte of the origin. */
export function nghttpxIdle(idleS: number): Standing {
  return nghttpx(`ends a stream after ${idleS} s of silence (backend-read-timeout)`, { readTimeout: `${idleS}s` });
}
