/** lighttpd in front of the origin, with mod_proxy; 1.4.69, as Debian 12 has it. */
import { hostOf, nobody } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { reverse } from "../running.ts";
import type { Standing } from "./standing.ts";

type Options = {
  /** server.stream-response-body: 0 collects the whole answer, 1 and 2 pass it on. */
  readonly stream?: 0 | 1 | 2;
  readonly readTimeoutS?: number;
  readonly host?: string;
  readonly prefix?: string;
  readonly deflate?: boolean;
};

function lighttpd(about: string, options: Options = {}): Standing {
  const { stream = 1, readTimeoutS = 3600, host: fixed, prefix = "/", deflate = false } = options;
  return {
    product: "lighttpd",
    role: "reverse",
    about,
    missing: async () => missingProgram("lighttpd"),
    async start(originUrl) {
      const port = await labPort();
      const [host, originPort] = (fixed ?? hostOf(originUrl)).split(":");
      const lines = (folder: string) => [
        `server.modules = ( "mod_proxy"${deflate ? ', "mod_deflate"' : ""} )`,
        'server.bind = "127.0.0.1"',
        `server.port = ${port}`,
        `server.document-root = "${folder}"`,
        'server.errorlog = "error.log"',
        `server.stream-response-body = ${stream}`,
        deflate ? 'deflate.mimetypes = ( "text/" )\ndeflate.allowed-encodings = ( "gzip" )' : "",
        `proxy.server = ( "${prefix}" => (( "host" => "${host}", "port" => ${originPort}, "read-timeout" => ${readTimeoutS} )) )`,
      ];
      return reverse(
        new LabProcess({
          name: "lighttpd",
          program: findProgram("lighttpd") ?? "lighttpd",
          port,
          args: (folder) => ["-D", "-f", `${folder}/lighttpd.conf`],
          files: (folder) => ({ "lighttpd.conf": `${lines(folder).join("\n")}\n` }),
          logs: ["error.log"],
        }),
      );
    },
  };
}

export const lighttpdGood = lighttpd("server.stream-response-body = 1");
export const lighttpdTight = lighttpd("server.stream-response-body = 2", { stream: 2 });
export const lighttpdDefault = lighttpd("all defaults: the whole answer is collected first", { stream: 0 });
export const lighttpdDeflate = lighttpd("deflate.mimetypes with text/", { deflate: true });
export const lighttpdDown = lighttpd("its backend refuses connections", { host: nobody });
export const lighttpdNoRoute = lighttpd("no proxy.server for the path: 404", { prefix: "/elsewhere/" });

/** Cuts after so many seconds without a byte of the origin. */
export function lighttpdIdle(idleS: number): Standing {
  return lighttpd(`ends a stream after ${idleS} s of silence (read-timeout)`, { readTimeoutS: idleS });
}
