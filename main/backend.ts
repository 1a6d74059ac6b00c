/**
 * Everything that runs without a window: settings, secrets, journal, history, streams, statistics, demo.
 * It joins the adapters with the streams and tells one listener what changed; Electron's face is desktop.ts.
 */
import { join } from "node:path";
import type { Code, Endpoint, SettingsView } from "../preload/contract.ts";
import type { State } from "./core/connection-state.ts";
import { type DemoServer, startDemoServer } from "./io/demo/demo-server.ts";
import { openJournal } from "./io/journal/event-journal.ts";
import { JournalError } from "./io/journal/journal-protocol.ts";
import { createMemoryJournal } from "./io/journal/memory-journal.ts";
import { type Log, openLog } from "./io/log.ts";
import type { Journal } from "./io/ports.ts";
import { createSseTransport } from "./io/sse/sse-transport.ts";
import { type StatsServer, serveStats } from "./io/stats/stats-server.ts";
import { openHistory } from "./io/stores/history-store.ts";
import { openSecrets, type SecretsFile, type Vault } from "./io/stores/secrets.ts";
import { blankEndpoint, type GeneralPatch } from "./io/stores/settings-schema.ts";
import { openSettings, type Settings } from "./io/stores/settings-store.ts";
import type { OpenShelf } from "./io/stores/shelf.ts";
import { systemClock, systemRandom } from "./io/system-clock.ts";
import { usesSecrets } from "./streams/endpoint-request.ts";
import type { Recorded } from "./streams/journal-writer.ts";
import type { Stream } from "./streams/stream.ts";
import { Streams } from "./streams/streams.ts";
import { Tails } from "./streams/tails.ts";
import { version } from "./version.ts";

export type BackendOptions = {
  readonly dataDir: string;
  readonly policyFile: string | null;
  readonly shelf: OpenShelf;
  readonly vault: Vault;
  /** URL of the journal's worker, built beside the main bundle. */
  readonly journalWorker: URL;
  /** What the command line says of the settings; it wins over every file. */
  readonly flags: GeneralPatch;
};

export type BackendListener = {
  streamsChanged(): void;
  settingsChanged(): void;
  appChanged(): void;
  recorded(endpoint: Endpoint, records: readonly Recorded[]): void;
};

const demoId = "demo";
const demoRateHz = 2;
/** A list that is filled from the first moment says more than an empty one. */
const demoWelcome = 12;
/** Records of a stream that are kept when there is no journal. */
const memoryRecords = 2000;

export class Backend {
  readonly log: Log;
  readonly settings: Settings;
  readonly secrets: SecretsFile;
  readonly journal: Journal;
  readonly streams: Streams;
  readonly tails: Tails;
  readonly transport = createSseTransport({ userAgent: `Holdfast/${version}`, utc: systemClock.utc });
  readonly #history: ReturnType<typeof openHistory>;
  readonly #reported: Code[] = [];
  #listener: BackendListener | null = null;
  #stats: StatsServer | null = null;
  #demo: Promise<DemoServer> | null = null;
  #applying: Promise<void> = Promise.resolve();

  private constructor(options: BackendOptions, journal: Journal) {
    const { dataDir, policyFile, shelf, vault, flags } = options;
    this.log = openLog({ dataDir, now: systemClock.utc, onProblem: (problem) => this.report(problem) });
    this.settings = openSettings({ dir: dataDir, policyFile, clock: systemClock, shelf, flags: { general: flags } });
    this.secrets = openSecrets({ dir: dataDir, vault, clock: systemClock });
    this.#history = openHistory({ dir: dataDir, clock: systemClock, shelf });
    this.journal = journal;
    this.tails = new Tails(journal, systemClock);
    const { secrets } = this;
    const world = { clock: systemClock, random: systemRandom, transport: this.transport, journal, secrets };
    this.streams = new Streams(
      { ...world, history: this.#history },
      {
        changed: () => this.#listener?.streamsChanged(),
        recorded: (endpoint, records) => {
          this.tails.changed(endpoint.id);
          this.#listener?.recorded(endpoint, records);
        },
        moved: (stream, before, after) => this.#logMove(stream, before, after),
        problem: (problem) => this.report(problem),
        fault: (error) => this.#fault(error),
      },
    );
  }

  /** Opens the journal and everything around it. Without a usable journal the newest events are kept in memory, and said so. */
  static async open(options: BackendOptions): Promise<Backend> {
    const dir = join(options.dataDir, "journal");
    const journal = await openJournal({ dir, worker: options.journalWorker }).catch((error: unknown) => {
      const { code, params } =
        error instanceof JournalError ? error : new JournalError("journal-unavailable", { reason: String(error) });
      return createMemoryJournal({ keep: memoryRecords, problem: { code, params } });
    });
    return new Backend(options, journal);
  }

  /** Begins to hold the streams, and tells from now on what changes. */
  async start(listener: BackendListener): Promise<void> {
    this.#listener = listener;
    this.settings.subscribe(() => this.#settingsChanged());
    await this.#settingsChanged();
  }

  /** One change after the other: two at once would start two servers on one port. */
  #settingsChanged(): Promise<void> {
    this.#applying = this.#applying
      .then(() => this.#applySettings())
      .catch((error: unknown) => this.log.error("the settings could not be applied", error));
    return this.#applying;
  }

  get problems(): readonly Code[] {
    const { problems, kept, backend } = this.secrets;
    // Said only to those whom it costs something: whoever has no secret loses none.
    const session =
      kept === "session" && this.settings.view().endpoints.some(usesSecrets)
        ? [{ code: "secrets-session", params: { backend } }]
        : [];
    return [...this.#reported, ...this.journal.problems, ...problems, ...session, ...this.#history.problems];
  }

  get statsUrl(): string | null {
    return this.#stats?.url ?? null;
  }

  settingsView(): SettingsView {
    const { secrets } = this;
    const view = this.settings.view();
    return { ...view, secrets: { kept: secrets.kept, backend: secrets.backend }, known: [...secrets.keys()] };
  }

  /** Something the user should know; said once for each code. */
  report(problem: Code): void {
    const { code, params } = problem;
    if (this.#reported.some((known) => known.code === code)) return;
    this.#reported.push({ code, params });
    this.log.warn(`${code} ${JSON.stringify(params)}`);
    this.#listener?.appChanged();
  }

  /** Stopping is remembered where it can be; a stream that is not in the settings file stops for this run only. */
  pause = (id: string, paused: boolean): void => {
    const endpoint = this.settings.view().endpoints.find((known) => known.id === id);
    if (endpoint !== undefined && endpoint.paused !== paused) this.settings.saveEndpoint({ ...endpoint, paused });
    if (paused) this.streams.stop(id);
    else this.streams.resume(id);
  };

  /** Starts the embedded server and its stream once. @returns the stream's id */
  startDemo = async (): Promise<string> => {
    this.#demo ??= startDemoServer({ port: 0, rateHz: demoRateHz, faults: {}, welcome: demoWelcome });
    const { url } = await this.#demo.catch((error: unknown) => {
      this.#demo = null;
      throw error;
    });
    const notify = { on: false, types: [], contains: "" };
    const endpoint: Endpoint = { ...blankEndpoint, id: demoId, name: "Demo", url, keep: "nothing", notify };
    await this.streams.apply([endpoint], "demo");
    return demoId;
  };

  async #applySettings(): Promise<void> {
    const { endpoints, general } = this.settings.view();
    await this.streams.apply(endpoints);
    await this.#serveStats(general.stats);
    this.#listener?.settingsChanged();
  }

  async #serveStats({ on, port }: { on: boolean; port: number }): Promise<void> {
    const wanted = on ? port : null;
    if (this.#stats !== null && (wanted === null || (wanted !== 0 && wanted !== this.#stats.port))) {
      await this.#stats.close();
      this.#stats = null;
    }
    if (wanted === null || this.#stats !== null) return;
    const startedAt = systemClock.mono() - Math.round(process.uptime() * 1000);
    const stats = () => ({
      version,
      uptimeS: Math.round((systemClock.mono() - startedAt) / 1000),
      streams: this.streams.stats(),
    });
    const served = await serveStats(wanted, stats);
    if ("code" in served) this.report(served);
    else this.#stats = served;
  }

  #logMove(stream: Stream, before: State, { link }: State): void {
    if (link.phase === before.link.phase) return;
    const { id } = stream.spec;
    if (link.phase === "waiting") {
      this.log.info(`${id} lost: ${link.failure.family}/${link.failure.kind}`);
      this.log.retry(link.failure.family, stream.gradeBeforeLoss, link.delayMs);
    } else if (link.phase === "halted") this.log.warn(`${id} halted: ${link.failure.family}/${link.failure.kind}`);
    else this.log.info(`${id} ${link.phase}`);
  }

  /** Ends the connections and writes what is in memory. */
  async close(): Promise<void> {
    const steps = [
      () => this.streams.close(),
      () => this.#history.close(),
      () => this.settings.flush(),
      () => this.#stats?.close(),
      async () => (await this.#demo)?.close(),
      () => this.journal.close(),
    ];
    for (const step of steps) {
      // Each saves something of its own: one that fails must not cost the others theirs.
      await Promise.resolve()
        .then(step)
        .catch((error: unknown) => this.#fault(error));
    }
    await this.log.flush();
  }

  #fault(error: unknown): void {
    this.log.error("something could not be done", error);
    this.report(error instanceof JournalError ? error : { code: "internal-fault", params: {} });
  }
}
