/**
 * The probes of a diagnosis, one after the other: the way there, the stream as Holdfast asks for it, a path that no route has,
 * the stream as browsers ask, again, from an id, and around the proxies. One stream at a time, GET to the origin and CONNECT to
 * a forward proxy, at most 20 requests. It measures; what the facts mean is core/diagnosis.
 */
import { randomUUID } from "node:crypto";
import { networkInterfaces } from "node:os";
import type { StageName } from "../../../preload/contract.ts";
import { directSays, outliveMs } from "../../core/diagnosis/ends.ts";
import { type Facts, nothingMeasured, type RedirectFact, type Watch } from "../../core/diagnosis/facts.ts";
import { isMute } from "../../core/diagnosis/held-back.ts";
import {
  compressedMs,
  directMs,
  firstMs,
  owedMs,
  repeatMs,
  showsWhose,
  stopMs,
  stopsShort,
} from "../../core/diagnosis/plan.ts";
import { isOpenStream, openMsOf, read } from "../../core/diagnosis/reading.ts";
import { isHung, saidIn } from "../../core/diagnosis/stopped.ts";
import { isSilent } from "../../core/diagnosis/strays.ts";
import { looksLikeLogin } from "../../core/failure/login-address.ts";
import { address } from "../../core/redact.ts";
import { isLoopback } from "../addresses.ts";
import { picture } from "../network-picture.ts";
import { isRedirect } from "../sse/redirects.ts";
import type { Asked } from "./ask.ts";
import { failureOf, movesOn, type Way } from "./dial.ts";
import { type Enough, firstByteOr, moreOr, rhythmOr, silenceOr, somethingOr } from "./enough.ts";
import { Meter, type StopCode, Stopped } from "./meter.ts";
import { nextPlace } from "./next-place.ts";
import { askAt, type Headers, type Place, type PlaceQuestion, unreached, watchOf } from "./place.ts";
import { probeHttp2, probeWebSocket } from "./protocol-probes.ts";
import { type Asks, probeResume } from "./resume-probe.ts";
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

export type Probed = { readonly facts: Facts; readonly requests: number; readonly stopped: StopCode | null };

/** Nothing that was measured cuts before 7 s nor, by default, after 60 s; load balancers go up to 90, ms. */
export const defaultIdleLimitMs = 100_000;

/** A stream that speaks so often shows no silence, ms. */
const oftenMs = 15_000;
/** Left over when a stream was held to the end, ms. */
const tailMs = 300;
/** A proxy that works answers for itself sooner, ms. */
const leastAloneMs = 500;

/** Never rejects for what the network does. */
export async function probe(options: ProbeOptions): Promise<Probed> {
  const run = new Run(options);
  try {
    await run.all();
    return { facts: run.facts, requests: run.meter.requests, stopped: null };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { facts: run.facts, requests: run.meter.requests, stopped: error.code };
  }
}

/** What the facts say of a place before it is asked. */
function targetOf(url: URL, route: ProbeRoute): Pick<Facts, "encrypted" | "host" | "port" | "path" | "route"> {
  return {
    encrypted: url.protocol === "https:",
    host: url.hostname,
    port: String(portOf(url)),
    path: url.pathname,
    route: { kind: route.kind, tunnel: isTunnelled(route, url) },
  };
}

const unknownWay = { dns: null, proxy: null, tcp: null, tls: null } as const;

/** Every header of the one is among the other's. */
function isDressedAlike(path: Headers, direct: Headers): boolean {
  return path.every(([name, value]) =>
    direct.some(([other, same]) => other.toLowerCase() === name.toLowerCase() && same === value),
  );
}

const directPlace = ({ url, headers }: NonNullable<ProbeOptions["compare"]>): Place => ({
  url: new URL(url),
  headers,
  route: { kind: "direct" },
});

class Run {
  readonly meter: Meter;
  facts: Facts;
  readonly #options: ProbeOptions;
  #running: StageName | null = null;
  readonly #seen = new SeenEvents();

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.meter = new Meter(options.budgetMs + (options.idleLimitMs ?? 0), options.signal);
    const { url, budgetMs } = options;
    this.facts = { ...nothingMeasured, ...targetOf(new URL(url), { kind: "direct" }), budgetMs };
  }

  /** What is left for everything but the idle measurement, ms. */
  get #leftMs(): number {
    return Math.max(0, this.meter.leftMs - (this.#options.idleLimitMs ?? 0));
  }

  async all(): Promise<void> {
    const { url, headers, ways, compare } = this.#options;
    const [route = { kind: "direct" }, ...others] = await ways(url);
    this.#know(targetOf(new URL(url), route));
    this.#at("network", {
      network: isLoopback(url) ? "loopback" : picture(networkInterfaces()).online ? "online" : "offline",
    });
    const first = await this.#first({ url: new URL(url), headers, route }, others);
    if (first === null) return await this.#direct();
    const { asked, place } = first;
    if (isOpenStream(asked) || asked.answer === null || asked.answer.status >= 400 || !asked.isStream)
      await this.#unrouted(place);
    if (asked.failure?.kind === "headers-timeout" && this.facts.unrouted === null) await this.#proxyAlone(place);
    // What ended or fell silent is explained by nothing better than by what comes directly: that has the time first.
    if (stopsShort(asked)) await this.#direct();
    if (isOpenStream(asked)) {
      this.#seen.meet(asked.met);
      await this.#compressed(place, asked);
      await this.#repeat(place);
      await this.#resume(place, asked);
      if (compare === null || this.#leftMs - this.#owedMs > 3500) await this.#protocols(place);
    }
    if (this.facts.direct === null) await this.#direct();
    if (!isOpenStream(asked)) return;
    await this.#hold(place);
    await this.#idle(place);
  }

  #at(running: StageName, more: Partial<Facts> = {}): void {
    this.#running = running;
    this.#know(more);
  }

  #know(more: Partial<Facts>): void {
    this.facts = { ...this.facts, ...more };
    this.#options.tell(this.facts, this.#running, this.meter.requests);
  }

  #put(place: Place, question: PlaceQuestion, tell: (way: Way) => void = () => {}): Promise<Asked | null> {
    return askAt(place, question, this.meter, this.#options.userAgent, tell);
  }

  /**
   * One more request for the stream. That no way led there this time is an answer as well, unless it is a proxy's to give or
   * there was no time for one; null then.
   */
  async #again(place: Place, question: PlaceQuestion): Promise<Asked | null> {
    const from = performance.now();
    let failure: string | null = null;
    const asked = await this.#put(place, question, (way) => {
      failure = failureOf(way);
    });
    if (asked !== null || failure === null || this.meter.signal.aborted || this.#leftMs < tailMs) return asked;
    return { ...unreached(failure, performance.now() - from), met: [], location: null };
  }

  /** The stream as Holdfast asks for it, through redirects; null: no way led there. */
  async #first(start: Place, ways: readonly ProbeRoute[]): Promise<{ asked: Asked; place: Place } | null> {
    let [place, others] = [start, ways];
    const visited = [start.url.href];
    let redirects: RedirectFact = { count: 0, login: false, refused: null, otherHost: false };
    for (;;) {
      this.#at(place.route.kind === "direct" ? "dns" : "proxy");
      const limitMs = firstMs(this.#leftMs, this.#options.compare !== null);
      const from = performance.now();
      const enough: Enough = (watch) => rhythmOr(Math.max(600, limitMs - (watch.answer?.headersMs ?? 0)))(watch);
      const asked = await this.#put(
        place,
        {
          headersLimitMs: limitMs,
          enough: (watch) => {
            if (this.#running !== "buffering" && performance.now() - from > 300)
              this.#at(watch.answer === null ? "headers-time" : "buffering");
            return enough(watch);
          },
        },
        (way) => this.#at(this.#nextOf(way), way),
      );
      if (asked === null) {
        this.meter.check();
        const { proxy, passedBy } = this.facts;
        const [route, ...rest] = others;
        if (route === undefined || proxy === null || !movesOn(proxy)) return null;
        [place, others] = [{ ...place, route }, rest];
        this.#know({ ...targetOf(place.url, route), ...unknownWay, passedBy: [...passedBy, proxy] });
        continue;
      }
      if (asked.answer === null || !isRedirect(asked.answer.status)) {
        // What was seen until the user had enough is a fact as well; that nothing had come by then is none.
        if (asked.answer !== null || asked.failure !== null)
          this.#at("status", { plain: watchOf(asked), redirects, headersMs: this.#took(asked, "path") });
        this.meter.check();
        return { asked, place };
      }
      this.meter.check();
      const next = await nextPlace(place, asked.answer.status, asked.location, visited, "", this.#options.ways);
      if ("why" in next) {
        redirects = { ...redirects, count: redirects.count + 1, refused: next.why };
        this.#at("status", { plain: watchOf(asked), redirects });
        return { asked, place };
      }
      const { url } = next.place;
      redirects = {
        count: redirects.count + 1,
        login: looksLikeLogin(address(url.href)),
        refused: null,
        otherHost: redirects.otherHost || url.hostname !== start.url.hostname,
      };
      [place, others] = [next.place, next.others];
      // What was measured on the way to the server that redirects says nothing about the one it names.
      this.#know({ ...targetOf(url, place.route), ...unknownWay, redirects, redirectStatus: asked.answer.status });
    }
  }

  #nextOf(way: Way): StageName {
    if (way.tls !== undefined) return "status";
    if (way.tcp !== undefined || way.proxy !== undefined) return this.facts.encrypted ? "tls" : "status";
    return "tcp";
  }

  #took({ answer }: Watch, where: "path" | "direct"): Facts["headersMs"] {
    const { headersMs } = this.facts;
    return answer === null ? headersMs : { ...headersMs, [where]: [...headersMs[where], answer.headersMs] };
  }

  /** Makes gateways speak that leave no mark on what they pass on. */
  async #unrouted(place: Place): Promise<void> {
    const url = new URL(`/.holdfast-no-such-path-${randomUUID().slice(0, 8)}`, place.url);
    const asked = await this.#put(
      { ...place, url },
      { unrouted: true, headersLimitMs: Math.min(2000, this.#leftMs), enough: () => true },
    );
    this.#know({ unrouted: asked?.answer ?? null });
  }

  /**
   * Where whole addresses stay unanswered, whatever they name, asks the forward proxy for itself: one that works answers that,
   * if only with an error. One that does not has kept every question from the origin, and nothing was measured of that.
   */
  async #proxyAlone({ url, route }: Place): Promise<void> {
    const limitMs = Math.min(1500, this.#leftMs - tailMs);
    if (route.kind === "direct" || isTunnelled(route, url) || limitMs < leastAloneMs) return;
    const proxy: Place = { url: new URL("/", route.url), headers: [], route: { kind: "direct" } };
    const from = performance.now();
    const asked = await this.#put(proxy, { headersLimitMs: limitMs, enough: () => true });
    if (asked?.failure?.kind !== "headers-timeout") return;
    const trouble = { why: "silent", status: null, squidError: null } as const;
    const tookMs = (this.facts.plain?.waitedMs ?? 0) + performance.now() - from;
    this.#know({ plain: null, proxy: { tookMs, trouble, answer: null } });
  }

  async #compressed(place: Place, plain: Watch): Promise<void> {
    this.#at("compression");
    const mostMs = Math.max(4500, 0.6 * this.#leftMs);
    // What gets no headers is asked once more: one slow answer is an accident.
    for (let once: Watch | null = null; ; ) {
      const { limitMs, byRhythm } = compressedMs(plain, this.#leftMs - 1500 - this.#owedMs, mostMs);
      if (limitMs < 500) return;
      const asked = await this.#again(place, {
        more: [["Accept-Encoding", "gzip, deflate, br"]],
        headersLimitMs: Math.max(1000, limitMs),
        enough: byRhythm ? rhythmOr(limitMs) : somethingOr(limitMs),
      });
      if (asked === null) return;
      this.#seen.meet(asked.met);
      this.#know({ compressed: watchOf(asked), compressedBefore: once, headersMs: this.#took(asked, "path") });
      if (once !== null || !isMute(asked, 0)) return;
      once = watchOf(asked);
    }
  }

  async #repeat(place: Place): Promise<void> {
    const { plain } = this.facts;
    const stopped = plain !== null && isHung(plain, this.facts) ? plain : null;
    const [keptMs, mostMs] = stopped === null ? [1000, repeatMs(plain)] : [300, stopMs(stopped)];
    const limitMs = Math.min(this.#leftMs - keptMs - this.#owedMs, mostMs);
    if (limitMs < 200) return;
    const enough = stopped === null ? firstByteOr(limitMs) : moreOr(limitMs, saidIn(read(stopped)));
    const asked = await this.#again(place, { headersLimitMs: Math.max(500, limitMs), enough });
    if (asked === null) return;
    const seenBefore = this.#seen.meet(asked.met);
    this.#know({ repeat: { watch: watchOf(asked), seenBefore }, headersMs: this.#took(asked, "path") });
  }

  async #resume(place: Place, plain: Asked): Promise<void> {
    this.#at("resume");
    const asks: Asks = {
      meter: this.meter,
      leftMs: () => this.#leftMs - this.#owedMs,
      again: (at, question) => this.#again(at, question),
      ways: this.#options.ways,
      made: (one) => this.#know({ reconnects: [...this.facts.reconnects, one] }),
    };
    const found = await probeResume(asks, place, this.#seen, plain);
    if (found === null) return;
    const { resume, asked } = found;
    this.#know({ resume, ...(asked === null ? {} : { headersMs: this.#took(asked, "path") }) });
  }

  /** Other protocols, for information: nothing is wrong where they are missing. */
  async #protocols(place: Place): Promise<void> {
    if (place.url.protocol === "https:" && this.#leftMs > 2500) {
      this.#at("http2");
      const http2 = await probeHttp2(place, this.meter, this.#options.userAgent, Math.min(2000, this.#leftMs));
      if (http2 !== null) this.#know({ http2 });
    }
    if (this.#leftMs < 1200) return;
    this.#at("websocket");
    await probeWebSocket(
      (more) => this.#put(place, { more, headersLimitMs: Math.min(1000, this.#leftMs), enough: () => true }),
      (status, stray) => {
        const strays = stray === null ? [] : [{ withId: false, watch: watchOf(stray) }];
        this.#know({ websocket: { status }, reconnects: [...this.facts.reconnects, ...strays] });
      },
    );
  }

  /** Kept back for the direct request, as long as it is to come, ms. */
  get #owedMs(): number {
    return this.#options.compare === null || this.facts.direct !== null ? 0 : owedMs(this.facts.plain);
  }

  /** The same stream around the proxies: what is different there is theirs. */
  async #direct(): Promise<void> {
    const { compare } = this.#options;
    if (compare === null) return;
    this.#at("direct", { directDressed: isDressedAlike(this.#options.headers, compare.headers) });
    const place = directPlace(compare);
    const limitMs = Math.max(800, Math.min(this.#leftMs - 500, directMs(this.facts.plain)));
    const isRhythm = rhythmOr(limitMs);
    const enough: Enough = (watch) =>
      openMsOf(watch) >= limitMs || (isRhythm(watch) && showsWhose(watch, this.facts.plain));
    const asked = await this.#put(place, { headersLimitMs: limitMs, enough }, (way) => {
      const failure = failureOf(way);
      if (failure !== null) this.#know({ direct: unreached(failure, way.tcp?.tookMs ?? 0) });
    });
    if (asked === null) return;
    this.#know({ direct: watchOf(asked), headersMs: this.#took(asked, "direct") });
    if (!isOpenStream(asked) || this.#leftMs < 300) return;
    const again = await this.#put(place, { headersLimitMs: Math.min(500, this.#leftMs), enough: () => true });
    if (again !== null) this.#know({ headersMs: this.#took(again, "direct") });
  }

  /** Directly once more, where what was held has ended: that it stays open there says whose the end is. */
  async #outlive(held: Watch): Promise<void> {
    const { compare } = this.#options;
    const endMs = openMsOf(held);
    const limitMs = this.#leftMs - tailMs;
    if (compare === null || directSays(this.facts.direct, endMs) !== "short" || limitMs < outliveMs(endMs)) return;
    this.#at("direct");
    const enough: Enough = (watch) => openMsOf(watch) >= limitMs || showsWhose(watch, held);
    const asked = await this.#put(directPlace(compare), { headersLimitMs: limitMs, enough });
    if (asked !== null && isOpenStream(asked))
      this.#know({ direct: watchOf(asked), headersMs: this.#took(asked, "direct") });
  }

  /**
   * One stream for all the time that is left: that a gateway ends what flows shows in nothing else. What was ended is held once
   * more where there is time, because a limit comes again and an accident does not; so is what fell silent.
   */
  async #hold(place: Place): Promise<void> {
    for (let longestMs = 1000; this.facts.holds.length < 2 && this.#leftMs > longestMs + tailMs; ) {
      if (this.facts.holds.length === 0 && !this.#options.looksWell(this.facts)) return;
      this.#at("hold");
      const headersLimitMs = this.#leftMs - tailMs;
      const isSeen = this.#shows(this.facts.holds[0] ?? null);
      const enough: Enough = (watch) => this.#leftMs <= tailMs || isSeen(watch);
      const asked = await this.#again(place, { headersLimitMs, enough });
      if (asked === null) return;
      this.#know({
        holds: [...this.facts.holds, watchOf(asked)],
        headersMs: this.#took(asked, "path"),
      });
      if (!isOpenStream(asked) || (asked.ending === null && !this.#fellSilent(asked))) return;
      if (asked.ending !== null && this.facts.holds.length === 1) await this.#outlive(asked);
      longestMs = asked.ending === null ? Math.min(stopMs(asked), 1000) : 1.15 * asked.ending.openMs;
    }
  }

  /** When a connection that is held has shown what it can: the first, that it is silent; the next, that it is not. */
  #shows(before: Watch | null): Enough {
    if (before === null) return (watch) => this.#fellSilent(watch);
    if (before.ending !== null) return () => false;
    return isHung(before, this.facts) ? moreOr(stopMs(before), saidIn(read(before))) : firstByteOr(this.#leftMs);
  }

  #fellSilent(watch: Watch): boolean {
    return isHung(watch, this.facts) || isSilent(watch, this.facts);
  }

  async #idle(place: Place): Promise<void> {
    const limitMs = this.#options.idleLimitMs;
    if (limitMs === null) return;
    this.#at("idle-cut");
    const asked = await this.#put(place, { headersLimitMs: 5000, enough: silenceOr(limitMs - 1000, oftenMs) });
    if (asked === null || asked.answer === null) return;
    const { longestMs } = read(asked);
    this.#know({
      listened: watchOf(asked),
      idle: { silentMs: longestMs, watchedMs: asked.arrivals?.watchedMs ?? 0, cut: asked.ending },
    });
  }
}
