/**
 * Looks at everything that happens and remembers what it needs to: sentences that are about more than one step, the story
 * of the last steps, and how often each phase met each event. It never touches what it looks at.
 */
import type { State } from "../../main/core/connection/connection-state.ts";
import type { App, AskedFrom, Watcher } from "./app.ts";
import { Bounds } from "./bounds.ts";
import { Broken } from "./broken.ts";
import type { Client, Taken } from "./client.ts";
import { Delivery } from "./delivery.ts";
import { IdleWatch } from "./idle-watch.ts";
import { broken } from "./invariants.ts";
import type { Origin } from "./origin.ts";
import { Recovery } from "./recovery.ts";
import type { Timeline } from "./timeline.ts";

const keptSteps = 64;
const dialsAMinute = 8;
const dialsASecond = 4;
/** So many waits of one length in a row are not chance. */
const equalWaits = 4;

/** What is remembered of one stream since the program began to run. */
type Memory = {
  /** The server has said that it has nothing for us. */
  refused: boolean;
  waits: number[];
  /** Dials of one address in a row while all have had their attempts. */
  insisted: number;
  lastDialled: number;
};

export class Watch implements Watcher {
  readonly #timeline: Timeline;
  readonly #idle = new IdleWatch();
  readonly #bounds: Bounds;
  readonly #delivery = new Delivery();
  readonly #memory = new Map<string, Memory>();
  readonly #dials = new Map<string, number[]>();
  #allDials: number[] = [];
  #byUser = new WeakSet<Client>();
  #recovery: Recovery | null = null;
  readonly story: Taken[] = [];
  /** Every step, where somebody wants to have them all. */
  recorder: ((taken: Taken) => void) | null = null;
  readonly #met: Record<string, Record<string, number>> = {};
  steps = 0;
  dials = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#bounds = new Bounds(timeline);
  }

  /** How often each phase met each event. */
  get met(): Map<string, number> {
    const arms = Object.entries(this.#met).flatMap(([phase, events]) =>
      Object.entries(events).map(([event, count]) => [`${phase} ${event}`, count] as const),
    );
    return new Map(arms);
  }

  /** The user's word is taken at once, whatever the server asked for. */
  userAsks(client: Client): void {
    this.#of(client).refused = false;
    this.#byUser.add(client);
    for (const origin of client.spec.origins) origin.server.notBefore = 0;
  }

  taken(taken: Taken): void {
    const { client, before, event } = taken;
    this.steps++;
    const { phase } = before.link;
    this.#met[phase] ??= {};
    const ofPhase = this.#met[phase];
    const met = event.type === "events" && event.count > 1 ? "slice" : event.type;
    ofPhase[met] = (ofPhase[met] ?? 0) + 1;
    if (this.story.length < keptSteps) this.story.push(taken);
    else this.story[this.steps % keptSteps] = taken;
    this.recorder?.(taken);
    const sentence =
      broken(taken) ??
      this.#overTime(taken) ??
      this.#idle.taken(taken) ??
      this.#bounds.taken(taken) ??
      this.#delivery.taken(taken);
    if (sentence !== null) throw new Broken(sentence, client.spec.name);
    this.#recovery?.taken(taken);
  }

  #overTime({ client, before, event, after, effects }: Taken): string | null {
    const memory = this.#of(client);
    const dial = effects.find(({ type }) => type === "connect" || type === "probe");
    if (dial !== undefined && memory.refused) return "stays away when the server has no content for it";
    if (event.type === "failed" && event.evidence.what === "answer" && event.evidence.status === 204) {
      const isProbes = before.probe?.generation === event.generation;
      memory.refused = memory.refused || !(isProbes || isGuess(client, before));
    }
    if (after.link.phase === "waiting" && before.link !== after.link) return this.#waits(memory, after.link.delayMs);
    if (dial?.type === "connect" && before.link.phase === "waiting")
      return this.#insists(client, memory, before, dial.candidate);
    return null;
  }

  /** Chance has its say after the cap, or those who have reached it come together. */
  #waits(memory: Memory, delayMs: number): string | null {
    memory.waits = [...memory.waits.slice(1 - equalWaits), delayMs];
    const [first] = memory.waits;
    const alike = memory.waits.length === equalWaits && delayMs > 5000 && memory.waits.every((ms) => ms === first);
    return alike ? "spreads its waits even where they have reached the cap" : null;
  }

  #insists({ spec }: Client, memory: Memory, before: State, candidate: number): string | null {
    const chosenAt = this.#timeline.now - (before.link.phase === "waiting" ? before.link.delayMs : 0);
    // Whoever asked to be left alone when it was chosen is nobody's turn.
    const mayBeAsked = (i: number) => (spec.origins[i]?.server.notBefore ?? 0) <= chosenAt;
    const usable = before.standings.filter(({ out }, i) => out === null && (i === candidate || mayBeAsked(i)));
    // The same request once more, mended, is no turn of its own.
    const rule = before.link.phase === "waiting" ? before.link.rule : null;
    if (rule === "without-id" || rule === "fresh-credential") return null;
    const allParked = usable.length > 1 && before.pinned === null && usable.every(({ parked }) => parked);
    // An end that was planned is no failure: where the connection worked, it is made again.
    const isPlanned = before.link.phase === "waiting" && before.link.failure.family === "PLANNED";
    const again = candidate === memory.lastDialled && allParked && !isPlanned;
    memory.insisted = again ? memory.insisted + 1 : 0;
    memory.lastDialled = candidate;
    return memory.insisted >= 3 ? "asks those again that have had their attempts, one after the other" : null;
  }

  dialled(client: Client, origin: Origin, credential: string, { asks, isBehind }: AskedFrom): void {
    this.dials++;
    if (!asks) throw new Broken("asks from where the journal stands", client.spec.name);
    if (!isBehind) throw new Broken("asks from behind everything that has come", client.spec.name);
    const now = client.app.mono();
    const user = this.#byUser.delete(client);
    if (credential !== origin.credential)
      throw new Broken("a credential goes only to its own address", client.spec.name);
    if (!user && this.#timeline.now < origin.server.notBefore) {
      throw new Broken(
        "comes back no sooner than Retry-After",
        client.spec.name,
        `${origin.server.notBefore - this.#timeline.now} ms early`,
      );
    }
    this.#allDials = [...this.#allDials.filter((at) => at > now - 1000), now];
    if (this.#allDials.length > dialsASecond)
      throw new Broken("at most four connects a second over all", client.spec.name);
    // The user's own word is no storm.
    if (user) return;
    const ofOne = [...(this.#dials.get(origin.url) ?? []).filter((at) => at > now - 60_000), now];
    this.#dials.set(origin.url, ofOne);
    if (ofOne.length > dialsAMinute)
      throw new Broken(
        "at most eight connects a minute to one address",
        client.spec.name,
        ofOne.map((at) => at - now).join(" "),
      );
  }

  restarted(_app: App): void {
    this.#memory.clear();
    this.#bounds.restarted();
    this.#delivery.restarted();
    this.#dials.clear();
    this.#allDials = [];
    this.#byUser = new WeakSet();
    for (const { spec } of _app.clients) for (const origin of spec.origins) origin.server.notBefore = 0;
  }

  /** Time passes, whatever happens in it. */
  looks(app: App): void {
    this.#delivery.look(app, this.#timeline.now);
  }

  heals(app: App): void {
    this.#recovery = new Recovery(app, this.#bounds);
  }

  /** Lets time pass until every stream is live again. @throws Broken when one is not in time */
  recovers(app: App): void {
    this.#recovery?.waitFor(app, this.#timeline);
    this.#recovery = null;
  }

  #of(client: Client): Memory {
    const known = this.#memory.get(client.spec.name);
    if (known !== undefined) return known;
    const made: Memory = { refused: false, waits: [], insisted: 0, lastDialled: -1 };
    this.#memory.set(client.spec.name, made);
    return made;
  }
}

/** The address is only looked for, and none has answered yet: what one of them says is no server's wish. */
function isGuess({ spec: { policy } }: Client, { link, pinned }: State): boolean {
  if (!policy.discover || pinned !== null || !("candidate" in link)) return false;
  return policy.candidates[link.candidate]?.transport === "sse";
}
