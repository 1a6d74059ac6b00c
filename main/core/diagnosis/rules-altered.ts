/** Rules about a stream that somebody works on: compresses it, or keeps it for others. */
import { onPath } from "./ends.ts";
import type { Facts, Watch } from "./facts.ts";
import { directSooner, isMute, oldMs, overdueMs } from "./held-back.ts";
import { connectionsOf, header, isOpenStream, read } from "./reading.ts";
import { type Case, type Claim, hopAmong, hopSaid, type Rule, said, those } from "./rule.ts";

/** A compressor's own header, and nothing of the events yet. */
const heldBytes = 64;

/** A compressor that passes things on does so sooner, ms. */
const leastWaitMs = 800;
/** What came so soon on two connections is what each of them is greeted with, ms. */
const greetedMs = 100;

/** After how long a silence the same stream, compressed, is overdue, ms; null: nobody knows what is due. */
function compressedDueMs({ plain, repeat }: Facts): number | null {
  const greets = [plain, repeat?.watch ?? null].every((watch) => {
    const { first, events, comments } = read(watch);
    return first !== null && first.atMs <= greetedMs && events + comments > 0;
  });
  return greets ? leastWaitMs : overdueMs(plain);
}

/** Whether a compressed answer is held while it should flow. @param dueMs null: it may be silent by itself */
function isHeld(watch: Watch | null, dueMs: number | null): boolean {
  if (!isOpenStream(watch) || watch.encoding === "" || watch.encoding === "identity") return false;
  const seen = read(watch);
  return (
    watch.bodyBytes <= heldBytes &&
    seen.events + seen.comments === 0 &&
    watch.ending === null &&
    dueMs !== null &&
    (watch.arrivals?.watchedMs ?? 0) >= Math.max(leastWaitMs, dueMs)
  );
}

/** Compressed as it was asked, there were no headers: a hint, of one answer. */
const askedOnce = 0.45;

/**
 * Compressed there are no headers in a time in which they come otherwise: asked twice, because one answer may be slow by
 * accident, and not where later ones are so too.
 */
function isMuteCompressed({ plain, compressed, repeat }: Facts, dueMs: number | null): boolean {
  const usualMs = plain?.answer?.headersMs ?? 0;
  // Its wait is measured against the other's.
  const mostMs = dueMs === null ? Number.POSITIVE_INFINITY : Math.max(3 * usualMs + 1000, dueMs);
  return isMute(compressed, 0) && (compressed?.waitedMs ?? 0) > mostMs && !isMute(repeat?.watch ?? null, 0);
}

const compression: Rule = {
  code: "compression",
  severity: "degraded",
  when: (seen) => {
    const { facts, hops } = seen;
    const plain = read(facts.plain);
    const unreadable = connectionsOf(facts).find((watch) => watch.unreadable === true) ?? null;
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
    if (unreadable !== null) {
      const directly = facts.direct?.unreadable === true;
      return {
        confidence: 0.95,
        evidence: [said("compressed-as", { encoding: unreadable.encoding }), said("not-as-encoded")],
        product: directly ? "origin" : isOpenStream(facts.direct) ? (product ?? onPath(hops)) : product,
        severity: "broken",
      };
    }
    if (facts.plain !== null && isHeld(facts.plain, overdueMs(facts.direct))) {
      // Asked not to compress, and still compressed: nothing gets through to anybody.
      return {
        confidence: 0.93,
        evidence: those(said("asked-identity"), ...evidence(facts.plain)),
        product,
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
    const dueMs = compressedDueMs(facts);
    if (isMuteCompressed(facts, dueMs)) {
      const isTwice = isMute(facts.compressedBefore, 0);
      const waited = said("no-header", { ms: facts.compressed?.waitedMs ?? 0 });
      const evidence = those(
        said("identity-flows", { events: plain.events }),
        waited,
        isTwice && said("again", { times: 2 }),
      );
      return { confidence: isTwice ? 0.85 : askedOnce, evidence, product };
    }
    if (facts.compressed === null || plain.bursts === 0 || !isHeld(facts.compressed, dueMs)) {
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
  if (!isOpenStream(compressed) || compressed.encoding === "") return null;
  const [mine, plain] = [read(compressed), read(facts.plain)];
  const lag = Math.max(mine.laterLagMs ?? 0, mine.bursts > 1 ? 0 : (mine.firstLagMs ?? 0));
  const plainLagMs = plain.laterLagMs ?? plain.firstLagMs;
  if (lag <= oldMs || plainLagMs === null || plainLagMs > oldMs / 2) return null;
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
    /^\s*\d+\s+\d/.test(header(answer, "x-varnish")) && said("varnish-two"),
  );
}

const cache: Rule = {
  code: "cache",
  severity: "broken",
  when: ({ facts, hops }) => {
    const marks =
      connectionsOf(facts)
        .filter(isOpenStream)
        .map(cacheMarks)
        .find((found) => found.length > 0) ?? [];
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

export const alteredRules: readonly Rule[] = [compression, cache];
