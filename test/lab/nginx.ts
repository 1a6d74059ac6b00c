/**
 * A real nginx that lives as long as the test that asks for it, with whatever a test wants to stand in its configuration.
 * The nginx of the matrix, in its good and bad configurations, is proxies/nginx.ts.
 */
import { existsSync } from "node:fs";
import { onTestFinished, type TestContext } from "vitest";
import type { LabProcess } from "./lab-process.ts";
import { missingProgram } from "./lab-process.ts";
import { bufferingLocation, nginxProcess, type NginxOptions as Options, streamingLocation } from "./proxies/nginx.ts";

const nchanModule = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** Skips the test by name where there is no nginx. */
export function needNginx({ skip }: Pick<TestContext, "skip">): void {
  const missing = missingProgram("nginx");
  if (missing !== null) skip(missing);
}

/** Skips the test by name where nginx has no nchan. */
export function needNchan(context: Pick<TestContext, "skip">): void {
  needNginx(context);
  if (!existsSync(nchanModule)) context.skip("nchan is not installed (Debian: apt-get install libnginx-mod-nchan)");
}

export type NginxOptions = Omit<Options, "modules"> & { readonly nchan?: boolean };

export class Nginx {
  readonly #process: LabProcess;

  constructor(process: LabProcess) {
    this.#process = process;
  }

  get port(): number {
    return this.#process.port;
  }

  get url(): string {
    return this.#process.url;
  }

  /** `status last=Last-Event-ID` of each request that has ended. */
  get asked(): string[] {
    const lines = this.#process.read("asked.log").trim();
    return lines === "" ? [] : lines.split("\n");
  }

  /** Starts it and waits until it takes connections. */
  async start(): Promise<this> {
    await this.#process.start();
    return this;
  }

  /** Ends it at once; every connection through it breaks. */
  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** A running nginx that lives as long as the test that asks for it. */
export async function nginx({ nchan = false, ...rest }: NginxOptions): Promise<Nginx> {
  const process = await nginxProcess({ ...rest, modules: nchan ? `load_module ${nchanModule};` : "" });
  onTestFinished(() => process.dispose());
  return new Nginx(process).start();
}

/** The location of a stream as it has to be written: HTTP/1.1 to the origin, nothing held back. */
export function streaming(originPort: number): string {
  return streamingLocation(`127.0.0.1:${originPort}`);
}

/** The location as people write it first: HTTP/1.0 to the origin, and buffers. */
export function buffering(originPort: number): string {
  return bufferingLocation(`127.0.0.1:${originPort}`);
}
