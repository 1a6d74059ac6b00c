/**
 * Everything that runs without a window: settings, secrets, journal, history, streams, statistics, demo.
 * It joins the adapters with the streams and tells one listener what changed; Electron's face is desktop.ts.
 */
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { Code, Endpoint, Retention, SettingsView } from "../preload/contract.ts";
import type { State } from "./core/connection/connection-state.ts";
import { Demo } from "./demo.ts";
import { createFreshCredentials, type FreshCredentialsSource } from "./io/auth/fresh-credentials.ts";
import { keptOf, limitsOf } from "./io/journal/journal-limits.ts";
import { JournalError } from "./io/journal/journal-protocol.ts";
import { createMemoryJournal } from "./io/journal/memory-journal.ts";
import { openSearchedJournal } from "./io/journal/search/searched-journal.ts";
import { type Log, openLog } from "./io/log.ts";
import { createNetworkMonitor, type NetworkMonitor } from "./io/network-monitor.ts";
import type { Journal } from "./io/ports.ts";
import { createProxies, type ProxySource, type SystemProxy } from "./io/proxy/proxies.ts";
import { writeRing } from "./io/ring-file.ts";
import { createSseTransport } from "./io/sse/sse-transport.ts";
import type { GeneralPatch } from "./io/stores/general-leaves.ts";
import { openHistory } from "./io/stores/history-store.ts";
import { type NetworkMemoryFile, openNetworkMemory } from "./io/stores/network-memory.ts";
import { openSecrets, type SecretsFile, type Vault } from "./io/stores/secrets.ts";
import { openSettings, type Settings } from "./io/stores/settings-store.ts";
import type { OpenShelf } from "./io/stores/shelf.ts";
import { systemClock, systemRandom } from "./io/system-clock.ts";
import { createWebSocketTransport } from "./io/websocket/websocket-transport.ts";
import { Statistics } from "./statistics.ts";
import { appProxy, appProxyKey, proxiesFor } from "./streams/app-proxy.ts";
import type { FreshCredentials, ProxiesFor } from "./streams/endpoint-plan.ts";
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
  /** URL of the search's worker, beside it. */
  readonly searchWorker: URL;
  /** When the computer has time for what nobody has asked for yet: the search's thread starts then. Without it at once. */
  readonly quiet?: Promise<unknown>;
  /** The system's proxy settings; null: nobody can be asked. */
  readonly systemProxy?: SystemProxy | null;
  /** What the command line says of the settings; it wins over every file. */
  readonly flags: GeneralPatch;
};

export type BackendListener = {
  streamsChanged(): void;
  settingsChanged(): void;
  appChanged(): void;
  recorded(endpoint: Endpoint, batch: Recorded): void;
};

/** Records of a stream that are kept when there is no journal. */
const memoryRecords = 2000;

const identity = { userAgent: `Holdfast/${version}`, utc: systemClock.utc };

export class Backend {
  readonly log: Log;
  readonly settings: Settings;
  readonly secrets: SecretsFile;
  readonly journal: Journal;
  readonly streams: Streams;
  readonly tails: Tails;
  readonly transports = {
    sse: createSseTransport(identity),
    websocket: createWebSocketTransport(identity),
  };
  readonly freshCredentials: FreshCredentials;
  readonly proxies: ProxiesFor;
  readonly #proxySource: ProxySource;
  readonly #fresh: FreshCredentialsSource;
  readonly #network: NetworkMonitor;
  readonly #memory: NetworkMemoryFile;
  readonly #demo = new Demo();
  readonly #statistics = new Statistics(
    () => this.streams.stats(),
    () => this.journal.queue,
  );
  readonly #history: ReturnType<typeof openHistory>;
  readonly #reported: Code[] = [];
  #listener: BackendListener | null = null;
  #applying: Promise<void> = Promise.resolve();
  #leaving: Promise<void> = Promise.resolve();
  readonly #logs: string;

  private constructor(options: BackendOptions, journal: Journal) {
    const { dataDir, policyFile, shelf, vault, flags } = options;
    this.#logs = join(dataDir, "logs");
    this.log = openLog({ dataDir, now: systemClock.utc, onProblem: (problem) => this.report(problem) });
    this.settings = openSettings({ dir: dataDir, policyFile, clock: systemClock, shelf, flags: { general: flags } });
    this.secrets = openSecrets({ dir: dataDir, vault, clock: systemClock });
    this.#history = openHistory({ dir: dataDir, clock: systemClock, shelf });
    this.journal = journal;
    this.tails = new Tails(journal, systemClock, (stream) => this.streams.collect(stream));
    this.#memory = openNetworkMemory({ dir: dataDir, clock: systemClock, shelf });
    this.#network = createNetworkMonitor({ clock: systemClock, interfaces: networkInterfaces });
    this.#fresh = createFreshCredentials({ clock: systemClock, userAgent: identity.userAgent });
    this.freshCredentials = this.#fresh.of;
    this.#proxySource = createProxies({
      clock: systemClock,
      env: process.env,
      system: options.systemProxy ?? null,
      silent: () => this.report({ code: "proxy-system-silent", params: {} }),
    });
    this.proxies = proxiesFor(this.#proxySource, () => appProxy(this.settings, this.secrets));
    // Before the streams hear of the network: what they ask for then is the new one's.
    this.#network.subscribe((news) => {
      if (news.type === "network" && news.online) this.#proxySource.networkChanged();
    });
    const { secrets, transports, freshCredentials, proxies } = this;
    const world = { clock: systemClock, random: systemRandom, transports, journal, secrets, freshCredentials, proxies };
    this.streams = new Streams(
      { ...world, history: this.#history, memory: this.#memory, network: this.#network },
      {
        changed: () => this.#listener?.streamsChanged(),
        given: (stream, records) => this.tails.changed(stream, records),
        recorded: (endpoint, batch) => {
          // What was shown as on its way is not on disk, and is to be shown so.
          if (batch.unsaved) this.tails.changed(endpoint.id);
          this.#listener?.recorded(endpoint, batch);
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
    // There is no log yet; the search has nothing to say before there is.
    let backend: Backend | null = null;
    const log = (code: string) => backend?.log.warn(`search: ${code}`);
    const onProblem = ({ code, params }: Code) => backend?.log.warn(`${code} ${JSON.stringify(params)}`);
    const { journalWorker: worker, searchWorker, quiet } = options;
    const search = quiet === undefined ? { searchWorker } : { searchWorker, searchAfter: quiet };
    const journal = await openSearchedJournal({ dir, worker, ...search, log, onProblem }).catch((error: unknown) => {
      const { code, params } =
        error instanceof JournalError ? error : new JournalError("journal-unavailable", { reason: String(error) });
      return createMemoryJournal({ keep: memoryRecords, problem: { code, params } });
    });
    backend = new Backend(options, journal);
    return backend;
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
      kept === "session" && (this.secrets.get(appProxyKey) !== null || this.settings.view().endpoints.some(usesSecrets))
        ? [{ code: "secrets-session", params: { backend } }]
        : [];
    return [...this.#reported, ...this.journal.problems, ...problems, ...session, ...this.#history.problems];
  }

  get statsUrl(): string | null {
    return this.#statistics.url;
  }

  /** How much of a stream is kept; null: nothing. */
  retention(stream: string): Retention | null {
    return keptOf(this.settings.view(), stream);
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
    const endpoint = await this.#demo.endpoint();
    await this.streams.apply([endpoint], this.settings.view().general.policy, "demo");
    return endpoint.id;
  };

  async #applySettings(): Promise<void> {
    const { endpoints, general } = this.settings.view();
    // A journal that has ended for good says so itself.
    await this.journal.limit(limitsOf(general.retention, endpoints)).catch(() => undefined);
    await this.streams.apply(endpoints, general.policy);
    const problem = await this.#statistics.serve(general.stats);
    if (problem !== null) this.report(problem);
    this.#listener?.settingsChanged();
  }

  #logMove(stream: Stream, before: State, { link }: State): void {
    if (link.phase === before.link.phase) return;
    const { id } = stream.spec;
    if (link.phase === "waiting") {
      this.log.info(`${id} lost: ${link.failure.family}/${link.failure.kind}`);
      this.log.retry(link.failure.family, stream.state.gradeBefore, link.delayMs, link.rule);
    } else if (link.phase === "halted") this.log.warn(`${id} halted: ${link.failure.family}/${link.failure.kind}`);
    else this.log.info(`${id} ${link.phase}`);
    if (link.phase === "halted" || (link.phase === "waiting" && link.failure.kind === "unknown"))
      this.#leaveSteps(stream);
  }

  /** What led to a failure that somebody may ask about, for `watch --replay`. One file after the other: two could be one. */
  #leaveSteps(stream: Stream): void {
    const { id } = stream.spec;
    const { recording } = stream;
    this.#leaving = this.#leaving
      .then(() => writeRing(this.#logs, id, recording))
      .then((name) => this.log.info(`${id}: the steps that led to it are in ${name}`))
      .catch((error: unknown) => this.log.error(`${id}: the steps that led to it could not be written`, error));
  }

  /** Ends the connections and writes what is in memory. */
  async close(): Promise<void> {
    const steps = [
      () => this.streams.close(),
      () => this.#history.close(),
      () => this.#memory.close(),
      () => this.#network.close(),
      () => this.#fresh.close(),
      () => this.settings.flush(),
      () => this.#statistics.close(),
      () => this.#demo.close(),
      () => this.journal.close(),
      () => this.#leaving,
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
