/**
 * The path of a diagnosis as it is drawn: who stands on it, which stages are told of each, and which one is broken. Pure.
 * It decides nothing about causes; what is drawn red is what the first finding names.
 */
import type { DiagnosisView, Finding, HopView, StageName, StageView } from "../preload/contract.ts";

export type GroupId = "you" | "forward" | "way" | "origin";

export type PathNode = {
  readonly key: string;
  /** null: this computer, the origin, or a place where nothing has shown itself. */
  readonly hop: HopView | null;
  /** What the first finding names: the one thing that is red, or amber where the stream only suffers. */
  readonly broken: Finding["severity"] | null;
};

export type PathGroup = {
  readonly id: GroupId;
  readonly nodes: readonly PathNode[];
  readonly stages: readonly StageView[];
  /** The line to the next one. `doubtful`: what comes over it comes late or not whole; `unreached`: nothing got there. */
  readonly after: "good" | "doubtful" | "unreached" | "pending";
};

/** Who a stage tells of. Without a forward proxy its stages are this computer's. */
const homes: Readonly<Record<StageName, GroupId>> = {
  network: "you",
  dns: "you",
  proxy: "forward",
  tcp: "forward",
  tls: "forward",
  status: "way",
  "content-type": "way",
  framing: "way",
  compression: "way",
  "headers-time": "way",
  "first-byte": "way",
  buffering: "way",
  hold: "way",
  "idle-cut": "way",
  heartbeat: "origin",
  resume: "origin",
  http2: "origin",
  websocket: "origin",
  direct: "origin",
};

/** The groups from here to there; the forward proxy only where one is in force. */
export function pathOf(view: DiagnosisView): PathGroup[] {
  const forward = view.hops.filter(({ role }) => role === "forward");
  const between = view.hops.filter(({ role }) => role !== "forward");
  const proxied = forward.length > 0 || hasProxy(view);
  const ids: readonly GroupId[] = proxied ? ["you", "forward", "way", "origin"] : ["you", "way", "origin"];
  const itsAnswer = isAnswerOf(view, forward);
  const home = ({ stage }: StageView): GroupId => {
    if (homes[stage] === "forward" && !proxied) return "you";
    return itsAnswer && answers.has(stage) ? "forward" : homes[stage];
  };
  const broken = brokenPlace(view, home);
  const nodesOf = (id: GroupId): PathNode[] => {
    const hops = id === "forward" ? forward : id === "way" ? between : [];
    const first = broken?.group === id ? broken : null;
    if (hops.length === 0) return [{ key: id, hop: null, broken: first?.severity ?? null }];
    const named = hops.find(({ product }) => product === first?.product) ?? hops[0];
    return hops.map((hop, at) => ({
      key: `${at} ${hop.product}`,
      hop,
      broken: first !== null && hop === named ? first.severity : null,
    }));
  };
  const groups = ids.map((id) => ({ id, nodes: nodesOf(id), stages: view.stages.filter((each) => home(each) === id) }));
  const brokenAt = broken === null ? Number.POSITIVE_INFINITY : ids.indexOf(broken.group);
  const behind = broken?.severity === "degraded" || hasOpened(view) ? "doubtful" : "unreached";
  return groups.map((group, at) => {
    // Who is broken was reached, if anything was heard from over there.
    const next = at + 1 === brokenAt ? group : groups[at + 1];
    return { ...group, after: at >= brokenAt ? behind : reached(next?.stages) };
  });
}

/** What is told of the answer itself: of whoever gave it. */
const answers: ReadonlySet<StageName> = new Set(["status", "content-type", "headers-time"]);

/** The forward proxy refused by itself: nothing behind it was heard. */
function isAnswerOf({ findings, stages }: DiagnosisView, forward: readonly HopView[]): boolean {
  const refused = stages.some(({ stage, state }) => stage === "status" && state === "failed");
  return refused && forward.some(({ product }) => product === findings[0]?.fix.product);
}

/** A proxy is in force, whether or not it has shown what it is: a tunnel shows nothing. */
function hasProxy({ stages }: DiagnosisView): boolean {
  const result = stages.find(({ stage }) => stage === "proxy")?.result ?? null;
  return result !== null && result.code !== "none" && result.code !== "not-reached";
}

/** An event stream came over the whole path, however badly. */
function hasOpened({ stages }: DiagnosisView): boolean {
  const isWell = (name: StageName) => stages.some(({ stage, state }) => stage === name && state === "ok");
  return isWell("status") && isWell("content-type");
}

/** The line is drawn as good only up to where something was seen. */
function reached(next: readonly StageView[] | undefined): PathGroup["after"] {
  const seen = next?.some(({ state }) => state === "ok" || state === "warning" || state === "failed") === true;
  return seen ? "good" : "pending";
}

type Place = { readonly group: GroupId; readonly product: string | null; readonly severity: Finding["severity"] };

function brokenPlace(view: DiagnosisView, home: (stage: StageView) => GroupId): Place | null {
  const [first] = view.findings;
  // While it runs, what seems likeliest may still change: nothing is red before the verdict.
  if (first === undefined || view.running) return null;
  const { severity, fix } = first;
  const hop = view.hops.find(({ product }) => product === fix.product);
  if (hop !== undefined) return { group: hop.role === "forward" ? "forward" : "way", product: hop.product, severity };
  if (fix.product === "origin") return { group: "origin", product: null, severity };
  const stage =
    view.stages.find(({ state }) => state === "failed") ?? view.stages.find(({ state }) => state === "warning");
  return { group: stage === undefined ? "way" : home(stage), product: null, severity };
}

/** The products that were seen on the way, so that a fix for one of them can say so. */
export function seenProducts(view: DiagnosisView): ReadonlySet<string> {
  return new Set(view.hops.map(({ product }) => product));
}

/** Whether the view is of what is chosen now: this stream, or this address without what is after a `?`. */
export function isOf(view: DiagnosisView, stream: string | null, url: string): boolean {
  if (stream !== null) return view.stream === stream;
  if (view.stream !== null || !URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  return view.target === `${origin}${pathname}`;
}
