/** Rules about a stream that is held back: by buffers, batches, compression, a header that waits, a cache. */
import type { HopView } from "../../../preload/contract.ts";
import type { Facts, Watch } from "./facts.ts";
import { header, isOpenStream, read } from "./reading.ts";
import { type Case, type Claim, hopAmong, hopSaid, type Rule, said, those } from "./rule.ts";

/** A header that is this late was held by somebody: networks and programs answer sooner, ms. */
const lateMs = 2000;
/** Events that are this old when they arrive were kept somewhere, ms. */
const oldMs = 700;
/** Buffers that hold answers back are pages of memory: 4 kB with the head in it. */
const pageBytes = 3000;

const products = ["nginx", "openresty", "tengine"];
/** These pass headers on at once, by default and as far as was measured or their documentation says. */
const prompt = new Set([
  "haproxy",
  "caddy",
  "apache",
  "varnish",
  "squid",
  "pingora",
  "holdfast-gateway",
  "http-proxy",
  "envoy",
  "traefik",
  "go-reverse-proxy",
  "unknown",
]);

/** Who on the path may keep even the headers back: nginx does, and what is not known to be prompt may. */
function buffererAmong(hops: readonly HopView[]): HopView | null {
  const others = hops.filter(
    ({ product, role }) => !prompt.has(product) && !products.includes(product) && role !== "forward",
  );
  return (
    hopAmong(hops, products) ??
    hopAmong(
      others,
      others.map(({ product }) => product),
      0.6,
    )
  );
}

/** The target's header was late, or never came, while a direct request had its own soon. */
function directSooner({ direct, plain }: Facts): boolean {
  const directMs = direct?.answer?.headersMs;
  const mineMs = plain?.answer?.headersMs ?? plain?.waitedMs ?? 0;
  return directMs !== undefined && isOpenStream(direct) && mineMs > 4 * directMs + 1000;
}

/** Silent before the headers, and still connected when the watch ended. */
function isMute(plain: Watch | null): boolean {
  return plain !== null && plain.answer === null && plain.failure?.kind === "headers-timeout";
}

const buffering: Rule = {
  code: "buffering",
  severity: "broken",
  when: ({ facts, hops }) => {
    const { plain } = facts;
    if (plain === null) return null;
    const nginx = buffererAmong(hops);
    const isNginx = nginx !== null && products.includes(nginx.product);
    const named = nginx !== null && said("product", { product: nginx.product, confidence: nginx.confidence });
    const direct = directSooner(facts) && said("header-direct", { ms: facts.direct?.answer?.headersMs ?? 0 });
    const product = nginx?.product ?? null;
    if (isMute(plain)) {
      const evidence = those(said("no-header", { ms: plain.waitedMs }), direct, named);
      const confidence = isNginx ? (direct ? 0.93 : 0.8) : nginx !== null ? (direct ? 0.85 : 0.65) : direct ? 0.6 : 0.4;
      return { confidence, evidence, product };
    }
    if (!isOpenStream(plain) || plain.answer === null) return null;
    return (
      late(plain, those(named, direct), nginx !== null, direct !== false, product) ??
      bursty(facts, plain, named === false ? [] : [named], product)
    );
  },
};

/** The header came late, and old events with it. */
function late(
  plain: Watch,
  more: Claim["evidence"],
  isNginx: boolean,
  direct: boolean,
  product: string | null,
): Claim | null {
  const seen = read(plain);
  const headersMs = plain.answer?.headersMs ?? 0;
  if (headersMs < lateMs) return null;
  const first = seen.first;
  const isOld = (seen.firstLagMs ?? 0) > oldMs;
  const isPage = first !== null && first.atMs < 300 && first.bytes >= pageBytes;
  const known = isNginx || direct;
  // What is fresh and small was not kept, however late its header came.
  const confidence = isOld ? (known ? 0.96 : 0.9) : isPage ? (known ? 0.93 : 0.75) : 0.3;
  const evidence = those(
    said("header-late", { ms: headersMs }),
    first !== null && (isOld || isPage) && said("first-burst", { bytes: first.bytes, events: first.events }),
    isOld && said("lag", { ms: seen.firstLagMs ?? 0 }),
    ...more,
  );
  return { confidence, evidence, product };
}

/** It flows, in gulps: several events together, old when they come. */
function bursty({ direct }: Facts, plain: Watch, more: Claim["evidence"], product: string | null): Claim | null {
  const seen = read(plain);
  if (seen.bursts < 2 || seen.burstEvents < 2) return null;
  const directly = read(direct);
  const evenDirectly = directly.bursts > 2 * seen.bursts && directly.burstEvents < seen.burstEvents;
  const evidence = those(
    said("bursts", { bytes: seen.burstBytes, events: seen.burstEvents, ms: seen.medianGapMs ?? 0 }),
    seen.laterLagMs !== null && said("lag", { ms: seen.laterLagMs }),
    evenDirectly && said("direct-even"),
    ...more,
  );
  const lag = seen.laterLagMs ?? 0;
  if (lag > oldMs) return { confidence: 0.93, evidence, product };
  const isPages = seen.burstBytes >= pageBytes && (seen.medianGapMs ?? 0) > 250;
  if (isPages && lag > 200) return { confidence: product === null ? 0.75 : 0.88, evidence, product };
  return seen.laterLagMs === null && isPages && evenDirectly ? { confidence: 0.85, evidence, product } : null;
}

/** Between neighbouring batches of a sender that waits for the acknowledgement of the last: some 200 ms, on Linux 40 or 200. */
const [batchFromMs, batchToMs] = [150, 320];

const batching: Rule = {
  code: "batching",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    if (!isOpenStream(plain) || plain === null) return null;
    const seen = read(plain);
    const gap = seen.medianGapMs ?? 0;
    if (seen.bursts < 5 || seen.burstEvents < 1.5 || gap < batchFromMs || gap > batchToMs) return null;
    const lag = seen.laterLagMs;
    const directly = read(direct);
    const evenDirectly = direct !== null && directly.bursts > 3 && directly.burstEvents < seen.burstEvents * 0.75;
    // Stamps tell: what is made in batches is as fresh as the rest, what is held is not.
    if (lag === null ? !evenDirectly : lag < 50 || lag > oldMs) return null;
    const haproxy = hopAmong(hops, ["haproxy"]);
    const slow = (plain.answer?.headersMs ?? 0) > 120;
    const evidence = those(
      said("bursts", { bytes: seen.burstBytes, events: seen.burstEvents, ms: gap }),
      lag !== null && said("lag", { ms: lag }),
      slow && said("header-late", { ms: plain.answer?.headersMs ?? 0 }),
      evenDirectly && said("direct-even"),
      haproxy !== null && said("product", { product: "haproxy", confidence: haproxy.confidence }),
    );
    return { confidence: slow || evenDirectly ? 0.93 : 0.85, evidence, product: "haproxy" };
  },
};

const headerWait: Rule = {
  code: "header-wait",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain } = facts;
    if (plain === null) return null;
    const proxy = hopAmong(hops, ["http-proxy"]);
    const bufferer = buffererAmong(hops);
    const named = proxy !== null && said("product", { product: proxy.product, confidence: proxy.confidence });
    const direct = directSooner(facts) && said("header-direct", { ms: facts.direct?.answer?.headersMs ?? 0 });
    const product = proxy?.product ?? (bufferer === null && direct ? "http-proxy" : null);
    if (isMute(plain)) {
      if (bufferer !== null && proxy === null)
        return { confidence: 0.3, evidence: [said("no-header", { ms: plain.waitedMs })], severity: "broken" };
      // Directly the header comes and nothing behind it: what waits for a first byte waits for ever.
      const silentDirectly = direct && read(facts.direct).bursts === 0;
      const confidence = silentDirectly ? 0.92 : direct ? 0.55 : proxy !== null ? 0.75 : 0.5;
      return {
        confidence,
        evidence: those(
          said("no-header", { ms: plain.waitedMs }),
          direct,
          silentDirectly && said("direct-silent"),
          named,
        ),
        product,
        severity: "broken",
      };
    }
    if (!isOpenStream(plain) || plain.answer === null) return null;
    const seen = read(plain);
    const headersMs = plain.answer.headersMs;
    const together = seen.first !== null && seen.first.atMs <= 50;
    const isFresh = (seen.firstLagMs ?? 0) <= oldMs && (seen.first?.bytes ?? 0) < pageBytes;
    if (headersMs < lateMs || !together || !isFresh) return null;
    const evidence = those(said("header-late", { ms: headersMs }), said("header-with-byte"), direct, named);
    return { confidence: direct || proxy !== null ? 0.9 : bufferer !== null ? 0.5 : 0.6, evidence, product };
  },
};

const slowHeader: Rule = {
  code: "slow-header",
  severity: "degraded",
  when: ({ facts }) => {
    const { plain, direct } = facts;
    if (plain === null) return null;
    const directMs =
      direct?.answer?.headersMs ?? (direct?.failure?.kind === "headers-timeout" ? direct.waitedMs : null);
    const slowDirectly = directMs !== null && directMs >= lateMs;
    const product = "origin";
    if (isMute(plain)) {
      const evidence = those(
        said("no-header", { ms: plain.waitedMs }),
        slowDirectly && said("header-direct", { ms: directMs }),
      );
      return {
        confidence: slowDirectly ? 0.93 : directMs !== null ? 0.1 : 0.35,
        evidence,
        product,
        severity: "broken",
      };
    }
    const headersMs = plain.answer?.headersMs ?? 0;
    if (!isOpenStream(plain) || headersMs < lateMs) return null;
    if (directMs !== null && !slowDirectly) return null;
    const seen = read(plain);
    if ((seen.firstLagMs ?? 0) > oldMs || (seen.first?.bytes ?? 0) >= pageBytes) return null;
    const evidence = those(
      said("header-late", { ms: headersMs }),
      slowDirectly && said("header-direct", { ms: directMs }),
    );
    return { confidence: slowDirectly ? 0.93 : 0.55, evidence, product };
  },
};

/** A compressor's own header, and nothing of the events yet. */
const heldBytes = 64;

/** Whether a compressed answer is held while it should flow. @param gapMs the rhythm of the stream where it is known */
function isHeld(watch: Watch | null, gapMs: number | null): boolean {
  if (watch === null || !isOpenStream(watch) || watch.encoding === "" || watch.encoding === "identity") return false;
  const seen = read(watch);
  const patience = Math.max(800, 2.5 * (gapMs ?? 300));
  return (
    watch.bodyBytes <= heldBytes &&
    seen.events + seen.comments === 0 &&
    watch.ending === null &&
    (watch.arrivals?.watchedMs ?? 0) >= patience
  );
}

const compression: Rule = {
  code: "compression",
  severity: "degraded",
  when: (seen) => {
    const { facts, hops } = seen;
    const plain = read(facts.plain);
    const compressor = hopAmong(hops, [
      "pingora",
      "holdfast-gateway",
      "varnish",
      "caddy",
      "nginx",
      "apache",
      "envoy",
      "traefik",
      "haproxy",
    ]);
    const product = compressor === null ? null : compressor.product;
    const evidence = (watch: Watch) =>
      those(
        said("compressed-as", { encoding: watch.encoding }),
        said("held-bytes", { bytes: watch.bodyBytes, ms: watch.arrivals?.watchedMs ?? 0 }),
        compressor !== null && said("product", { product: compressor.product, confidence: compressor.confidence }),
      );
    if (facts.plain !== null && isHeld(facts.plain, read(facts.direct).medianGapMs)) {
      // Asked not to compress, and still compressed: nothing gets through to anybody.
      return {
        confidence: 0.93,
        evidence: those(said("asked-identity"), ...evidence(facts.plain)),
        product: product ?? "varnish",
        severity: "broken",
      };
    }
    const varnish = hopAmong(hops, ["varnish"], 0.8);
    if (isMute(facts.plain) && varnish !== null) {
      // It passes headers on at once, unless it compresses: then they wait for the compressor's first block.
      const direct = directSooner(facts);
      return {
        confidence: direct ? 0.85 : 0.6,
        evidence: those(said("no-header", { ms: facts.plain?.waitedMs ?? 0 }), hopSaid(varnish)),
        product: "varnish",
        severity: "broken",
      };
    }
    const usualMs = facts.plain?.answer?.headersMs ?? 0;
    if (isMute(facts.compressed) && plain.bursts > 1 && (facts.compressed?.waitedMs ?? 0) > 3 * usualMs + 1000) {
      const waited = said("no-header", { ms: facts.compressed?.waitedMs ?? 0 });
      return { confidence: 0.85, evidence: [said("identity-flows", { events: plain.events }), waited], product };
    }
    if (facts.compressed === null || plain.bursts === 0 || !isHeld(facts.compressed, plain.medianGapMs)) {
      return delayed(seen, evidence, product);
    }
    return {
      confidence: 0.92,
      evidence: those(said("identity-flows", { events: plain.events }), ...evidence(facts.compressed)),
      product,
    };
  },
};

/** Compressed it comes late and in blocks, where it flows uncompressed. */
function delayed({ facts }: Case, evidence: (watch: Watch) => Claim["evidence"], product: string | null): Claim | null {
  const { compressed } = facts;
  if (compressed === null || !isOpenStream(compressed) || compressed.encoding === "") return null;
  const [mine, plain] = [read(compressed), read(facts.plain)];
  const lag = Math.max(mine.laterLagMs ?? 0, mine.bursts > 1 ? 0 : (mine.firstLagMs ?? 0));
  if (lag <= oldMs || (plain.laterLagMs ?? 0) > oldMs / 2) return null;
  return { confidence: 0.85, evidence: those(said("lag", { ms: lag }), ...evidence(compressed)), product };
}

/** What says by itself that an answer came out of a cache. */
function cacheMarks(watch: Watch | null) {
  const answer = watch?.answer ?? null;
  const age = Number(header(answer, "age") || 0);
  const hit = [
    header(answer, "x-cache"),
    header(answer, "x-cache-status"),
    header(answer, "cf-cache-status"),
    header(answer, "cache-status"),
  ].find((value) => /\bhit\b/i.test(value));
  return those(
    age > 0 && said("age", { seconds: age }),
    // What stands after the word may be the name of somebody's machine.
    hit !== undefined && said("cache-hit", { value: "HIT" }),
    /^\s*\d+\s+\d+/.test(header(answer, "x-varnish")) && said("varnish-two"),
  );
}

const cache: Rule = {
  code: "cache",
  severity: "broken",
  when: ({ facts, hops }) => {
    const watches = [facts.plain, facts.compressed, facts.repeat?.watch ?? null].filter(isOpenStream);
    const marks = watches.map(cacheMarks).find((found) => found.length > 0) ?? [];
    const replayed = facts.repeat?.seenBefore ?? 0;
    const seen = replayed > 0 && said("replayed", { events: replayed });
    const varnish = hopAmong(hops, ["varnish"]);
    const cacher =
      varnish ??
      hopAmong(hops, ["nginx", "squid", "cloudflare", "cloudfront", "fastly", "akamai", "apache", "holdfast-gateway"]);
    const product = cacher?.product ?? null;
    const named = cacher !== null && said("product", { product: cacher.product, confidence: cacher.confidence });
    if (marks.length > 0)
      return {
        confidence: marks.length > 1 || replayed > 0 ? 0.97 : 0.9,
        evidence: those(...marks, seen, named),
        product,
      };
    return null;
  },
};

export const deliveryRules: readonly Rule[] = [compression, cache, buffering, batching, headerWait, slowHeader];
