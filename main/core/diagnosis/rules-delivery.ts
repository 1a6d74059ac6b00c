/** Rules about a stream that comes late or in gulps: by buffers, batches, or a header that waits. */
import type { Facts, Watch } from "./facts.ts";
import {
  buffererAmong,
  directSooner,
  isAsOldDirectly,
  isFreshDirectly,
  isGathered,
  isLateDirectly,
  isMadeSo,
  isMute,
  keptBehindHeaders,
  lateMs,
  oldMs,
  pageBytes,
  pagers,
} from "./held-back.ts";
import { isOpenStream, median, read } from "./reading.ts";
import { type Claim, hopAmong, hopSaid, type Rule, said, those } from "./rule.ts";

/** How sure a mute path is one that buffers, by who is seen there: where directly headers came soon, and else. */
const muteBy = {
  pager: [0.93, 0.8],
  other: [0.85, 0.65],
  nobody: [0.6, 0.4],
} as const;

const buffering: Rule = {
  code: "buffering",
  severity: "broken",
  when: ({ facts, hops }) => {
    const { plain } = facts;
    if (plain === null) return null;
    const bufferer = buffererAmong(hops);
    const isPager = bufferer !== null && pagers.includes(bufferer.product);
    const named = hopSaid(bufferer);
    const direct = directSooner(facts) && said("header-direct", { ms: facts.direct?.answer?.headersMs ?? 0 });
    const product = bufferer?.product ?? null;
    if (isMute(plain)) {
      const evidence = those(said("no-header", { ms: plain.waitedMs }), direct, named);
      const [compared, alone] = muteBy[isPager ? "pager" : bufferer !== null ? "other" : "nobody"];
      return { confidence: direct ? compared : alone, evidence, product };
    }
    if (!isOpenStream(plain)) return null;
    return (
      // What nginx keeps, it keeps with the headers: where these are prompt, somebody else does.
      kept(facts, plain, isPager ? [] : those(named), isPager ? "proxy" : (product ?? "proxy")) ??
      // What directly is as late is the origin's: see slow-header.
      (isLateDirectly(facts)
        ? null
        : late(plain, those(named, direct), bufferer !== null, direct !== false, product)) ??
      bursty(facts, plain, those(named), product)
    );
  },
};

/** The headers come at once, with the first bytes perhaps, and are all that comes, while the direct path has a rhythm. */
function kept(facts: Facts, plain: Watch, more: Claim["evidence"], product: string | null): Claim | null {
  if (keptBehindHeaders(facts) === 0) return null;
  const { bursts, silentMs: ms } = read(plain);
  const passed = bursts === 0 ? said("nothing-behind", { ms }) : said("nothing-after", { bytes: plain.bodyBytes, ms });
  const evidence = [passed, said("direct-events", { events: read(facts.direct).events }), ...more];
  return { confidence: 0.93, evidence, product };
}

/** The header came late, and old events with it. */
function late(
  plain: Watch,
  more: Claim["evidence"],
  isSeen: boolean,
  direct: boolean,
  product: string | null,
): Claim | null {
  const seen = read(plain);
  const headersMs = plain.answer?.headersMs ?? 0;
  if (headersMs < lateMs) return null;
  const first = seen.first;
  const isOld = (seen.firstLagMs ?? 0) > oldMs;
  const isPage = first !== null && first.atMs < 300 && first.bytes >= pageBytes;
  // What is fresh and small was not kept, however late its header came.
  if (!isOld && !isPage) return null;
  const known = isSeen || direct;
  const confidence = isOld ? (known ? 0.96 : 0.9) : known ? 0.93 : 0.75;
  const evidence = those(
    said("header-late", { ms: headersMs }),
    first !== null && said("first-burst", { bytes: first.bytes, events: first.events }),
    isOld && said("lag", { ms: seen.firstLagMs ?? 0 }),
    ...more,
  );
  return { confidence, evidence, product };
}

/**
 * It flows, in gulps: several events together, old when they come. An origin that gathers them itself does the same, by a clock
 * and in portions of any size: so the gulps are pages of memory, or come otherwise directly.
 */
function bursty(facts: Facts, plain: Watch, more: Claim["evidence"], product: string | null): Claim | null {
  const seen = read(plain);
  if (seen.burstEvents < 2 || isMadeSo(facts) || isAsOldDirectly(facts)) return null;
  const [evenDirectly, freshDirectly] = [isGathered(facts), isFreshDirectly(facts)];
  const evidence = those(
    said("bursts", { bytes: seen.burstBytes, events: seen.burstEvents, ms: seen.medianGapMs ?? 0 }),
    seen.laterLagMs !== null && said("lag", { ms: seen.laterLagMs }),
    evenDirectly && said("direct-even"),
    freshDirectly && said("direct-fresh", { ms: read(facts.direct).laterLagMs ?? 0 }),
    ...more,
  );
  const lag = seen.laterLagMs ?? 0;
  const isPages = seen.burstBytes >= pageBytes && (seen.medianGapMs ?? 0) > 250;
  if (lag > oldMs && (isPages || evenDirectly || freshDirectly)) return { confidence: 0.93, evidence, product };
  if (isPages && lag > 200) return { confidence: product === null ? 0.75 : 0.88, evidence, product };
  // What is batched for less than this, batching has.
  const isSlow = (seen.medianGapMs ?? 0) > batchToMs;
  // It does come, if late.
  if (evenDirectly && isSlow) {
    return { confidence: 0.85, evidence, product: product ?? "proxy", severity: isPages ? "broken" : "degraded" };
  }
  return null;
}

/** Between neighbouring batches of a sender that waits for the acknowledgement of the last: some 200 ms, on Linux 40 or 200. */
const [batchFromMs, batchToMs] = [150, 320];

const batching: Rule = {
  code: "batching",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain, direct } = facts;
    if (!isOpenStream(plain) || isMadeSo(facts)) return null;
    const seen = read(plain);
    const gap = seen.medianGapMs ?? 0;
    if (seen.bursts < 5 || seen.burstEvents < 1.5 || gap < batchFromMs || gap > batchToMs) return null;
    const lag = seen.laterLagMs;
    const directly = read(direct);
    const evenDirectly = directly.bursts > 3 && directly.burstEvents < seen.burstEvents * 0.75;
    // Stamps tell: what is made in batches is as fresh as the rest, what is held is not.
    if (lag === null ? !evenDirectly : lag < 50 || lag > oldMs) return null;
    const haproxy = hopAmong(hops, ["haproxy"]);
    // Whoever waits for an acknowledgement does so with each header too. One late header is a busy moment.
    const slow = (median(facts.headersMs.path) ?? plain.answer.headersMs) > 120;
    // An origin that stamps when it makes, and sends by its own clock, looks the same but for that.
    const shows = haproxy?.evidence.some(({ code }) => code !== "batches") ?? false;
    if (!slow && !evenDirectly && !shows) return null;
    const evidence = those(
      said("bursts", { bytes: seen.burstBytes, events: seen.burstEvents, ms: gap }),
      lag !== null && said("lag", { ms: lag }),
      slow && said("header-late", { ms: plain.answer.headersMs }),
      evenDirectly && said("direct-even"),
      haproxy !== null && said("product", { product: "haproxy", confidence: haproxy.confidence }),
    );
    return { confidence: slow || evenDirectly ? 0.93 : 0.85, evidence, product: haproxy?.product ?? "origin" };
  },
};

/** How sure it is that somebody waits for a first byte, by who is seen: before any header came, and with a late one. */
const waitsBy = {
  named: [0.75, 0.9],
  hinted: [0.6, 0.6],
  nobody: [0.5, 0.5],
} as const;

const headerWait: Rule = {
  code: "header-wait",
  severity: "degraded",
  when: ({ facts, hops }) => {
    const { plain } = facts;
    if (plain === null) return null;
    const waits = ["http-proxy"];
    const proxy = hopAmong(hops, waits);
    // What points to it makes this likelier than a slow origin, before it can be named.
    const isHinted = hopAmong(hops, waits, 0) !== null;
    const [mute, late] = waitsBy[proxy !== null ? "named" : isHinted ? "hinted" : "nobody"];
    const bufferer = buffererAmong(hops);
    const named = hopSaid(proxy);
    const direct = directSooner(facts) && said("header-direct", { ms: facts.direct?.answer?.headersMs ?? 0 });
    const product = proxy?.product ?? (bufferer === null && direct ? "proxy" : null);
    if (isMute(plain)) {
      if (bufferer !== null && proxy === null)
        return { confidence: 0.3, evidence: [said("no-header", { ms: plain.waitedMs })], severity: "broken" };
      // Directly the header comes and nothing behind it: what waits for a first byte waits for ever.
      const silentDirectly = direct && read(facts.direct).bursts === 0;
      return {
        confidence: silentDirectly ? 0.92 : direct ? 0.55 : mute,
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
    if (!isOpenStream(plain)) return null;
    const seen = read(plain);
    const headersMs = plain.answer.headersMs;
    const together = seen.first !== null && seen.first.atMs <= 50;
    const isFresh = (seen.firstLagMs ?? 0) <= oldMs && (seen.first?.bytes ?? 0) < pageBytes;
    if (headersMs < lateMs || !together || !isFresh) return null;
    const evidence = those(said("header-late", { ms: headersMs }), said("header-with-byte"), direct, named);
    // Where nobody is seen who waits, an origin that takes its time is likelier: see slow-header.
    return { confidence: direct ? 0.9 : late, evidence, product };
  },
};

const slowHeader: Rule = {
  code: "slow-header",
  severity: "degraded",
  when: ({ facts }) => {
    const { plain, direct } = facts;
    if (plain === null) return null;
    // What was not waited for that long may be as slow.
    const waitedMs = direct?.failure?.kind === "headers-timeout" && direct.waitedMs >= lateMs ? direct.waitedMs : null;
    const directMs = direct?.answer?.headersMs ?? waitedMs;
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

export const deliveryRules: readonly Rule[] = [buffering, batching, headerWait, slowHeader];
