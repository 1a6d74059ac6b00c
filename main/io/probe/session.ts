/**
 * What all probes of one diagnosis share: what is known so far, what may still be spent, and how a question is put. It knows no
 * order and no question of its own.
 */
import type { StageName } from "../../../preload/contract.ts";
import { type Facts, nothingMeasured, type Watch } from "../../core/diagnosis/facts.ts";
import { owedMs } from "../../core/diagnosis/plan.ts";
import type { Asked } from "./ask.ts";
import { failureOf, type Way } from "./dial.ts";
import type { Enough } from "./enough.ts";
import { Meter } from "./meter.ts";
import { askAt, type Headers, type Place, type PlaceQuestion, unreached } from "./place.ts";
import { isTunnelled, type ProbeRoute, portOf, type Ways } from "./route.ts";
import { SeenEvents } from "./seen-events.ts";

export type ProbeOptions = {
  readonly url: string;
  /** Of the user; they go to the origin of `url` and to nobody else. */
  readonly headers: Headers;
  /** Asked for the address, and for each that a redirect leads to. */
  readonly ways: Ways;
  /** The same stream around the proxies, asked directly with headers of its own; null: there is no such address. */
  readonly compare: { readonly url: string; readonly headers: Headers } | null;
  /** Wait for the cut of a silent stream, at most so long, ms; null: not asked for. */
  readonly idleLimitMs: number | null;
  readonly budgetMs: number;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Whether nothing is broken yet, so that what is left of the time is for holding the stream. */
  readonly looksWell: (facts: Facts) => boolean;
  /** Hears of each step forward. */
  readonly tell: (facts: Facts, running: StageName | null, requests: number) => void;
};

/** Left over when a stream was held to the end, ms. */
export const tailMs = 300;

/** What the facts say of a place before it is asked. */
export function targetOf(url: URL, route: ProbeRoute): Pick<Facts, "encrypted" | "host" | "port" | "path" | "route"> {
  return {
    encrypted: url.protocol === "https:",
    host: url.hostname,
    port: String(portOf(url)),
    path: url.pathname,
    route: { kind: route.kind, tunnel: isTunnelled(route, url) },
  };
}

export class Session {
  readonly options: ProbeOptions;
  readonly meter: Meter;
  facts: Facts;
  running: StageName | null = null;
  readonly seen = new SeenEvents();

  constructor(options: ProbeOptions) {
    this.options = options;
    this.meter = new Meter(options.budgetMs + (options.idleLimitMs ?? 0), options.signal);
    const { url, budgetMs } = options;
    this.facts = { ...nothingMeasured, ...targetOf(new URL(url), { kind: "direct" }), budgetMs };
  }

  /** What is left for everything but the idle measurement, ms. */
  get leftMs(): number {
    return Math.max(0, this.meter.leftMs - (this.options.idleLimitMs ?? 0));
  }

  /** Kept back for the direct request, as long as it is to come, ms. */
  get owedMs(): number {
    return this.options.compare === null || this.facts.direct !== null ? 0 : owedMs(this.facts.plain);
  }

  at(running: StageName, more: Partial<Facts> = {}): void {
    this.running = running;
    this.know(more);
  }

  know(more: Partial<Facts>): void {
    this.facts = { ...this.facts, ...more };
    this.options.tell(this.facts, this.running, this.meter.requests);
  }

  /** As soon as it has seen enough, and no later than the budget allows: what headers have taken is gone from it. */
  within(enough: Enough): Enough {
    return (watch) => this.leftMs <= tailMs || enough(watch);
  }

  /** null: no way led there. @throws Stopped */
  put(place: Place, question: PlaceQuestion, tell: (way: Way) => void = () => {}): Promise<Asked | null> {
    return askAt(place, question, this.meter, this.options.userAgent, tell);
  }

  /**
   * One more request for the stream. That no way led there this time is an answer as well, unless it is a proxy's to give or
   * there was no time for one; null then.
   */
  async again(place: Place, question: PlaceQuestion): Promise<Asked | null> {
    const from = performance.now();
    let failure: string | null = null;
    const asked = await this.put(place, { ...question, enough: this.within(question.enough) }, (way) => {
      failure = failureOf(way);
    });
    if (asked !== null || failure === null || this.meter.signal.aborted || this.leftMs < tailMs) return asked;
    return { ...unreached(failure, performance.now() - from), met: [], location: null };
  }

  /** The times to headers, with that of this answer. */
  took({ answer }: Watch, where: "path" | "direct"): Facts["headersMs"] {
    const { headersMs } = this.facts;
    return answer === null ? headersMs : { ...headersMs, [where]: [...headersMs[where], answer.headersMs] };
  }
}
