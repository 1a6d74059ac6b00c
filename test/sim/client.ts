/**
 * One stream of the simulated app: the real machine, the real once-filter and the real gap detection, joined as
 * main/streams joins them, but without promises: what the disk or the dial gate takes is virtual time.
 */
import {
  consuming,
  type Effect,
  type Event,
  type ParsedEvent,
  type Policy,
  type State,
} from "../../main/core/connection/connection-state.ts";
import { contentPrint, idPrint } from "../../main/core/events/fingerprint.ts";
import { type IdSequence, noteId, reconnected, unknownSequence } from "../../main/core/events/id-sequence.ts";
import { createOnce, type Once, rememberedIds, seed } from "../../main/core/events/once.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import type { App } from "./app.ts";
import { type Disk, Writer } from "./disk.ts";
import { Line } from "./line.ts";
import type { Origin } from "./origin.ts";
import { cancel, type Entry } from "./timeline.ts";

export type Spec = { readonly name: string; readonly policy: Policy; readonly origins: readonly Origin[] };

/** One step as it was taken, with what the client did about it. */
export type Taken = {
  readonly client: Client;
  readonly before: State;
  readonly event: Event;
  readonly after: State;
  readonly effects: readonly Effect[];
  readonly now: number;
  readonly random: number;
  /** The connection that was open before had brought a part of something. */
  readonly half: boolean;
  /** When its server had last said something on it; null: it was not well any more. */
  readonly saidAt: number | null;
};

/** Rows in which a run of ids shows when the program starts, as in main/streams/arrivals.ts. */
const countedRows = 24;

export class Client {
  readonly spec: Spec;
  readonly app: App;
  readonly disk: Disk;
  readonly writer: Writer;
  readonly once: Once = createOnce();
  /** Connections that were made and not ended by us, and what each has said. */
  readonly live = new Map<
    number,
    { readonly probe: boolean; readonly candidate: number; line: Line | null; sent: boolean; opened: boolean }
  >();
  state: State;
  /** When the timer is set for, on the app's clock; null: not set. */
  timerAt: number | null = null;
  #timer: Entry | null = null;
  #queue: Event[] = [];
  #stepping = false;
  #dead = false;
  #unread: number | null = null;
  #sequence: IdSequence = unknownSequence;
  #lastEventId: string;
  #lost = false;
  /** An event has come that is not taken in yet. */
  #isUntaken = false;

  constructor(spec: Spec, disk: Disk, app: App) {
    this.spec = spec;
    this.app = app;
    this.disk = disk;
    this.writer = new Writer(disk, app.diskState, app.parts, app.timeline);
    this.state = app.parts.initial(spec.policy, app.worked);
    this.#lastEventId = disk.cursor ?? "";
    const known = disk.rows.flatMap((row) =>
      row.row === "event" && row.id !== null ? [idPrint(row.id), contentPrint(row.type, row.data)] : [],
    );
    seed(this.once, Float64Array.from(known.slice(-2 * rememberedIds)));
    for (const row of disk.rows.slice(-countedRows))
      if (row.row === "event") [this.#sequence] = noteId(this.#sequence, row.id);
    // What was sent while nothing ran is as missing as after a loss.
    this.#lost = disk.rows.length > 0;
    disk.rows.push({ row: "started" });
  }

  /** Takes one event; events that come while a step is being performed wait for their turn. */
  dispatch(event: Event): void {
    if (this.#dead) return;
    this.#queue.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#take(next);
    this.#stepping = false;
  }

  /** The app is gone: nothing is closed in order, nothing is written. */
  kill(): void {
    this.#dead = true;
    this.#timer = cancel(this.#timer);
    this.writer.kill();
    for (const { line } of this.live.values()) line?.close();
    this.live.clear();
  }

  #take(event: Event): void {
    const { app, spec } = this;
    // The watchdog must not take our own silence for the server's.
    if (event.type === "timer" && this.#unread !== null) this.#take({ type: "unread", generation: this.#unread });
    const before = this.state;
    const line = this.live.get(consuming(before.link) ?? 0)?.line ?? null;
    const half = line?.half ?? false;
    const saidAt = line?.works === true ? line.saidAt : null;
    // What is paused is only started, and what runs only asked to hurry: the other word says nothing.
    if (event.type === (before.link.phase === "idle" ? "start" : "retryNow")) app.userAsks(this);
    if ("generation" in event && !app.parts.hears(before, event.generation)) return;
    const [now, random] = [app.mono(), app.chance.draw()];
    const [after, effects] = app.parts.step(spec.policy, before, event, { now, random });
    if (event.type === "timer") this.timerAt = null;
    this.state = after;
    if ("generation" in event) this.#note(event);
    this.#isUntaken = event.type === "events";
    if (app.parts.observesFirst) this.#observe(event, before);
    for (const effect of effects) if (app.parts.performs(effect, after)) this.#perform(effect);
    if (!app.parts.observesFirst) this.#observe(event, before);
    app.observe({ client: this, before, event, after, effects, now, random, half, saidAt });
    if (event.type === "events" && this.writer.full) this.#holdBack();
  }

  #note(event: Extract<Event, { generation: number }>): void {
    const held = this.live.get(event.generation);
    if (held === undefined) return;
    if (event.type === "connected") held.sent = true;
    if (event.type === "opened") held.opened = true;
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "connect":
      case "probe":
        this.live.set(effect.generation, {
          probe: effect.type === "probe",
          candidate: effect.candidate,
          line: null,
          sent: false,
          opened: false,
        });
        this.#ready(effect);
        return;
      case "disconnect":
        this.live.get(effect.generation)?.line?.close();
        this.live.delete(effect.generation);
        this.#lastWord(effect.generation);
        return;
      case "remember":
        this.app.remember(this, effect.candidate);
        return;
      case "setTimer":
        this.#setTimer(effect.at);
        return;
    }
  }

  /** What was on its way to us when we hung up can still be heard, and must not count. */
  #lastWord(generation: number): void {
    const { app } = this;
    if (!app.chance.oneIn(8)) return;
    const words = [
      { type: "bytes", count: 1, generation },
      { type: "failed", evidence: { what: "end" }, generation },
      { type: "opened", answer: { address: "", server: null, httpVersion: "1.1", askedFrom: "" }, generation },
    ] as const;
    const word = app.chance.pick(words);
    app.timeline.after(app.chance.between(1, 500), () => app.hear(() => this.dispatch(word)));
  }

  #setTimer(at: number): void {
    this.timerAt = at;
    cancel(this.#timer);
    const { app } = this;
    const delayMs = app.parts.timerMs(Math.max(0, at - app.mono()));
    this.#timer = app.timeline.after(delayMs, () => app.hear(() => this.#ring(at)));
  }

  /** The clock of timers stands still while the computer sleeps. */
  #ring(at: number): void {
    if (this.timerAt !== at || this.#dead) return;
    this.dispatch({ type: "timer" });
  }

  /** The cursor is the journal's word, so what has come must be in it first; and then it has to be our turn to dial. */
  #ready(effect: Extract<Effect, { type: "connect" | "probe" }>): void {
    const go = () => {
      const { barred } = this.app;
      if (barred === null) this.app.gate(() => this.#dial(effect));
      else this.#refuse(effect.generation, barred);
    };
    if (this.app.parts.flushesFirst) this.writer.flush(go);
    else go();
  }

  /** What the attempt needs is not to be had on this computer; known a moment later. */
  #refuse(generation: number, evidence: Evidence): void {
    const { app } = this;
    app.timeline.after(app.chance.between(1, 3000), () =>
      app.hear(() => this.dispatch({ type: "failed", evidence, generation })),
    );
  }

  #dial({ generation, candidate, withId }: Extract<Effect, { type: "connect" | "probe" }>): boolean {
    const held = this.live.get(generation);
    const origin = this.spec.origins[candidate];
    // Stopped, or the deadline passed, while we were waiting for our own parts.
    if (held === undefined || origin === undefined || this.#dead) return false;
    const { app } = this;
    const kept = this.writer.cursor();
    // Who asks without an id, a probe above all, asks beside a connection that goes on.
    const isBehind = !withId || (!this.#isUntaken && (kept === null || kept === this.#lastEventId));
    // A probe, or a request mended by leaving the id out, moves nothing: main/streams does not even look at the journal then.
    if (withId) this.#lastEventId = kept ?? this.#lastEventId;
    const lastEventId = app.parts.sendsId(withId) ? (kept ?? "") : "";
    const credentials = this.spec.origins.map(({ credential }) => credential);
    const credential = app.parts.credential(credentials, candidate);
    this.dispatch({ type: "dialling", generation, asked: lastEventId !== "" });
    app.dialled(this, origin, credential, { asks: !withId || (kept ?? "") === lastEventId, isBehind });
    const request = { lastEventId, credential, attempt: generation };
    held.line = new Line(origin, request, app.parts.decoder, (_line, event) => this.dispatch({ ...event, generation }));
    return true;
  }

  #holdBack(): void {
    const number = consuming(this.state.link);
    const line = number === null ? null : (this.live.get(number)?.line ?? null);
    if (number === null || line === null || this.#unread === number) return;
    this.#unread = number;
    line.pause();
    this.writer.whenDrained(() => {
      this.#unread = null;
      this.dispatch({ type: "unread", generation: number });
      line.resume();
    });
  }

  /* ── what main/streams/stream.ts keeps of it ─────────────────────────────────────────────────── */

  #observe(event: Event, before: State): void {
    if (event.type === "failed" || event.type === "bytes") this.#noteIdleCuts(before);
    this.#isUntaken = false;
    if (before.link.phase === "open" && this.state.link.phase !== "open") this.#lost = true;
    if (before.generation !== this.state.generation && before.link.phase === "open")
      this.#lost ||= consuming(this.state.link) !== consuming(before.link);
    if (!("generation" in event)) return;
    const isProbe = event.generation !== consuming(before.link);
    if (!this.app.parts.yields(isProbe)) return;
    switch (event.type) {
      case "opened":
        this.#opened(event.answer.askedFrom, this.live.get(event.generation)?.candidate ?? -1);
        break;
      case "events":
        for (const one of event.events) this.#receive(one, event.generation);
        break;
      case "cursor":
        this.#lastEventId = event.lastEventId;
        this.writer.moveCursor(event.lastEventId);
        break;
      case "skipped":
        this.#gap(event.reason);
        break;
    }
  }

  #noteIdleCuts(before: State): void {
    if (before.standings === this.state.standings) return;
    this.state.standings.forEach(({ idleCut }, i) => {
      const key = this.spec.policy.candidates[i]?.key ?? "";
      if (idleCut.cutMs !== before.standings[i]?.idleCut.cutMs) this.app.noteIdleCut(key, idleCut.cutMs);
    });
  }

  #opened(askedFrom: string, candidate: number): void {
    this.app.parts.opened(this.once, candidate);
    this.#sequence = reconnected(this.#sequence);
    if (this.#lastEventId !== "" && askedFrom === "") this.#gap("id-not-sent");
    else if (this.#lastEventId === "" && this.#lost) this.#gap("no-ids");
    this.#lost = false;
  }

  #receive(event: ParsedEvent, generation: number): void {
    const verdict = this.app.parts.admit(this.once, event);
    if (verdict === "duplicate") return;
    const [sequence, gap] = noteId(this.#sequence, event.id);
    this.#sequence = sequence;
    if (gap !== null) this.#gap("ids-missing");
    const { id, type, data, lastEventId } = event;
    const fromProbe = this.live.get(generation)?.probe ?? false;
    this.#lastEventId = lastEventId;
    const marked = verdict === "reused";
    this.writer.add({ row: "event", generation, fromProbe, id, type, data, marked }, lastEventId);
  }

  #gap(reason: string): void {
    if (this.app.parts.marksGaps) this.writer.add({ row: "gap", reason }, null);
  }
}
