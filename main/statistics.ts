/** The statistics page: serves it while the settings say so, on the port they say. */
import type { Code } from "../preload/contract.ts";
import { maxTypes } from "./io/journal/journal-counters.ts";
import { defaultLimits } from "./io/sse/sse-decoder.ts";
import type { Stats, StreamStats } from "./io/stats/stats-format.ts";
import { type StatsServer, serveStats } from "./io/stats/stats-server.ts";
import { systemClock } from "./io/system-clock.ts";
import { version } from "./version.ts";

export class Statistics {
  readonly #streams: () => StreamStats[];
  readonly #queue: () => Stats["journalQueue"];
  #server: StatsServer | null = null;

  constructor(streams: () => StreamStats[], queue: () => Stats["journalQueue"]) {
    this.#streams = streams;
    this.#queue = queue;
  }

  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /** @returns what kept it from being served, or null */
  async serve({ on, port }: { readonly on: boolean; readonly port: number }): Promise<Code | null> {
    const wanted = on ? port : null;
    if (this.#server !== null && (wanted === null || (wanted !== 0 && wanted !== this.#server.port))) {
      await this.close();
    }
    if (wanted === null || this.#server !== null) return null;
    const startedAt = systemClock.mono() - Math.round(process.uptime() * 1000);
    const stats = (): Stats => ({
      version,
      uptimeS: Math.round((systemClock.mono() - startedAt) / 1000),
      journalQueue: this.#queue(),
      limits: { eventBytes: defaultLimits.eventBytes, typeNames: maxTypes },
      streams: this.#streams(),
    });
    const served = await serveStats(wanted, stats);
    if ("code" in served) return served;
    this.#server = served;
    return null;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.#server = null;
  }
}
