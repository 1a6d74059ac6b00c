/**
 * The program on the user's computer, as far as the streams feel it: its clock, its turn at the dial gate, the network it
 * believes in, sleep, stalls, and being killed and started again on the same disk.
 */
import type { Evidence } from "../../main/core/failure/failure.ts";
import { createDialTurns, type DialTurns } from "../../main/streams/dial-turns.ts";
import type { Chance } from "./chance.ts";
import { Client, type Spec, type Taken } from "./client.ts";
import type { Disk, DiskState } from "./disk.ts";
import type { Origin } from "./origin.ts";
import type { Parts } from "./parts.ts";
import { cancel, type Timeline } from "./timeline.ts";

/** `asks`: from where the journal stands, where it may. `isBehind`: and that is behind everything that has come. */
export type AskedFrom = { readonly asks: boolean; readonly isBehind: boolean };

/** Who watches: told of each step and of each request that leaves. */
export type Watcher = {
  /** Before the step that follows from it. */
  userAsks(client: Client): void;
  taken(taken: Taken): void;
  dialled(client: Client, origin: Origin, credential: string, asked: AskedFrom): void;
  restarted(app: App): void;
};

export class App {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly parts: Parts;
  readonly diskState: DiskState = { full: false, writeMs: 0 };
  readonly worked: string[] = [];
  /** Why there is nothing to ask with at the moment: no request leaves; null: there is. */
  barred: Evidence | null = null;
  clients: Client[] = [];
  /** What the interfaces say. */
  online = true;
  readonly #specs: readonly Spec[];
  readonly #disks: readonly Disk[];
  readonly #watcher: Watcher;
  /** Which network we are in, and what worked there, by stream. */
  #network = 0;
  readonly #liked = new Map<string, number>();
  /** The idle cuts of paths, by network and address. */
  readonly #idleCuts = new Map<string, number>();
  /** Time that our clock did not count. */
  #uncounted = 0;
  #frozenAt: number | null = null;
  #stopsClock = false;
  #inbox: (() => void)[] = [];
  #turns: DialTurns;

  constructor(timeline: Timeline, chance: Chance, parts: Parts, specs: readonly Spec[], watcher: Watcher) {
    this.timeline = timeline;
    this.chance = chance;
    this.parts = parts;
    this.#specs = specs;
    this.#disks = specs.map(() => ({ rows: [], cursor: null }));
    this.#watcher = watcher;
    this.#turns = this.#dialTurns();
  }

  /** Monotonic ms of this computer. */
  mono(): number {
    const stopped = this.#frozenAt !== null && this.#stopsClock ? this.timeline.now - this.#frozenAt : 0;
    return this.timeline.now - this.#uncounted - stopped;
  }

  get isFrozen(): boolean {
    return this.#frozenAt !== null;
  }

  start(): void {
    this.clients = this.#specs.map((spec, i) => new Client(spec, this.#disks[i] as Disk, this));
    this.#watcher.restarted(this);
    if (!this.online) this.#tell((client) => client.dispatch(this.#networkNews(client, false)));
    this.#tell((client) => this.#recallPaths(client));
    this.#tell((client) => client.dispatch({ type: "start" }));
  }

  /** Without warning; what was not written is lost, and the servers are not told. */
  kill(): void {
    for (const client of this.clients) client.kill();
    this.#inbox = [];
    this.#turns.close();
    this.#turns = this.#dialTurns();
  }

  /** Runs what reaches us, or keeps it until we run again. */
  readonly hear = (run: () => void): void => {
    if (this.#frozenAt === null) run();
    else this.#inbox.push(run);
  };

  /** Nothing runs any more. @param told the system announces it; @param stopsClock our clock does not count it */
  freeze(told: boolean, stopsClock: boolean): void {
    if (this.#frozenAt !== null) return;
    if (told) this.#tell((client) => client.dispatch({ type: "suspend" }));
    this.#frozenAt = this.timeline.now;
    this.#stopsClock = stopsClock;
  }

  /** Everything runs again; what came meanwhile is heard after the news of it, or before where the system is slow. */
  thaw(): void {
    if (this.#frozenAt === null) return;
    const frozenMs = this.timeline.now - this.#frozenAt;
    if (this.#stopsClock) this.#uncounted += frozenMs;
    const stalledMs = this.#stopsClock ? 0 : frozenMs;
    this.#frozenAt = null;
    const wake = () => this.#tell((client) => client.dispatch({ type: "wake", stalledMs, slept: frozenMs >= 10_000 }));
    const late = this.#stopsClock && this.chance.oneIn(4);
    if (!late) wake();
    for (const run of this.#inbox.splice(0)) run();
    if (late) wake();
  }

  /** News of the interfaces. */
  network(online: boolean, changed: boolean): void {
    if (changed) this.#network = (this.#network + 1) % 3;
    this.hear(() => {
      this.online = online;
      this.#tell((client) => client.dispatch(this.#networkNews(client, changed)));
      if (changed) this.#tell((client) => this.#recallPaths(client));
    });
  }

  /** As main/streams does: what a path did when it was used last. */
  #recallPaths(client: Client): void {
    client.spec.policy.candidates.forEach(({ key }, candidate) => {
      const idleCutMs = this.#idleCuts.get(`${this.#network} ${key}`);
      if (idleCutMs !== undefined) client.dispatch({ type: "path", candidate, idleDefaultMs: null, idleCutMs });
    });
  }

  /** Every path was known to cut after this silence when it was used last. */
  knowIdleCuts(idleCutMs: number): void {
    for (const { policy } of this.#specs)
      for (const { key } of policy.candidates) this.#idleCuts.set(`${this.#network} ${key}`, idleCutMs);
    this.hear(() => this.#tell((client) => this.#recallPaths(client)));
  }

  noteIdleCut(key: string, cutMs: number | null): void {
    const place = `${this.#network} ${key}`;
    if (cutMs === null) this.#idleCuts.delete(place);
    else this.#idleCuts.set(place, cutMs);
  }

  #networkNews(client: Client, changed: boolean) {
    const first = this.#liked.get(`${this.#network} ${client.spec.name}`) ?? null;
    return { type: "network", online: this.online, changed, first } as const;
  }

  remember(client: Client, candidate: number): void {
    this.#liked.set(`${this.#network} ${client.spec.name}`, candidate);
    const key = client.spec.policy.candidates[candidate]?.key ?? "";
    if (!this.worked.includes(key)) this.worked.push(key);
  }

  /** Calls back when it is this one's turn to dial; it says whether it still wants to. */
  gate(dial: () => boolean): void {
    this.#turns.ask(dial);
  }

  /** The real ones, by this computer's clock. */
  #dialTurns(): DialTurns {
    return createDialTurns({
      mono: () => this.mono(),
      utc: () => this.timeline.now,
      after: (delayMs, wake) => {
        const entry = this.timeline.after(delayMs, () => this.hear(wake));
        return () => cancel(entry);
      },
    });
  }

  userAsks(client: Client): void {
    this.#watcher.userAsks(client);
  }

  observe(taken: Taken): void {
    this.#watcher.taken(taken);
  }

  dialled(client: Client, origin: Origin, credential: string, asked: AskedFrom): void {
    this.#watcher.dialled(client, origin, credential, asked);
  }

  #tell(say: (client: Client) => void): void {
    for (const client of this.clients) say(client);
  }
}
