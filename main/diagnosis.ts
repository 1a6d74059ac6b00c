/**
 * The Diagnose screen's calls: one diagnosis at a time, with a stream's own headers for its own address, its news at most
 * ten times a second, and its report. What is measured and what it means stands in main/io/probe and main/core/diagnosis.
 */
import { writeFile } from "node:fs/promises";
import type { DiagnosisView, FieldError, Handlers } from "../preload/contract.ts";
import type { Words } from "../preload/words.ts";
import { maskedView } from "./core/diagnosis/masked-view.ts";
import { createMasks } from "./core/diagnosis/masks.ts";
import { defaultBudgetMs } from "./core/diagnosis/plan.ts";
import { json, markdown, type Speak } from "./core/diagnosis/report.ts";
import { placeOf } from "./io/addresses.ts";
import type { Clock, Proxies, Secrets } from "./io/ports.ts";
import { defaultIdleLimitMs } from "./io/probe/probe.ts";
import { firstWay, waysOf } from "./io/probe/route.ts";
import { createRun } from "./io/probe/run.ts";
import type { Settings } from "./io/stores/settings-store.ts";
import { urlTrouble } from "./io/stores/url-rules.ts";
import { type FreshCredentials, type ProxiesFor, planOf, type SentHeaders } from "./streams/endpoint-plan.ts";
import { secretKey } from "./streams/endpoint-request.ts";
import type { Streams } from "./streams/streams.ts";

export type ReportFormat = "markdown" | "json";

export type DiagnosisParts = {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly streams: Pick<Streams, "views">;
  readonly freshCredentials: FreshCredentials;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly words: () => Words;
  readonly publish: (view: DiagnosisView) => void;
  readonly proxies: ProxiesFor;
  /** Asks where a report is to be written; null: nowhere. */
  readonly chooseFile: (format: ReportFormat) => Promise<string | null>;
  /** A fault of ours ended a diagnosis. */
  readonly fault: (error: unknown) => void;
};

type Started = Parameters<Handlers["diagnosis"]["start"]>[0];
type Target = { readonly url: string; readonly headers: SentHeaders; readonly proxies: Proxies };

/** At most ten views a second are told. */
const paceMs = 100;
const error = (field: string, code: string) => ({ errors: [{ field, code, params: {} }] as FieldError[] });

export function createDiagnosis(parts: DiagnosisParts): Handlers["diagnosis"] {
  let view: DiagnosisView | null = null;
  let stop = new AbortController();
  /** What the report of the last one must not show. */
  let hidden = { urls: [] as string[], secrets: [] as string[] };
  let told = Number.NEGATIVE_INFINITY;
  /** Ends the wait for the turn of a view; null: none waits. */
  let untold: (() => void) | null = null;

  const tell = (now: DiagnosisView) => {
    view = now;
    if (untold !== null) return;
    const publish = () => {
      untold = null;
      told = parts.clock.mono();
      if (view !== null) parts.publish(view);
    };
    const waitMs = now.running ? told + paceMs - parts.clock.mono() : 0;
    if (waitMs <= 0) publish();
    else untold = parts.clock.after(waitMs, publish);
  };

  const run = async (started: Started, { url, headers, proxies }: Target, ownStop: AbortController) => {
    const { compare, stream } = started;
    const mine = {
      urls: [url, ...(compare === null ? [] : [compare])],
      secrets: headers.map(([, value]) => value),
    };
    hidden = mine;
    const ways = waysOf(proxies);
    const isCurrent = () => stop === ownStop;
    const last = await createRun({
      url,
      headers,
      ways: async (to) => {
        const all = await ways(to);
        const others = all.filter((route) => route.kind !== "direct");
        mine.urls.push(...others.map((route) => route.url));
        mine.secrets.push(...others.map((route) => route.authorization ?? ""));
        return all;
      },
      compare: compare === null ? null : { url: compare, headers: [] },
      budgetMs: defaultBudgetMs,
      idleLimitMs: started.measureIdle ? defaultIdleLimitMs : null,
      userAgent: parts.userAgent,
      stream,
      signal: ownStop.signal,
      changed: (now) => {
        if (isCurrent()) tell(now);
      },
    });
    if (!isCurrent()) return;
    // The verdict does not wait for its turn.
    untold?.();
    untold = null;
    tell(last);
  };

  const report = (format: ReportFormat): string | null => {
    if (view === null) return null;
    const shown = maskedView(view, createMasks(hidden));
    if (format === "json") return json(shown);
    const at = `${new Date(view.startedAt).toISOString().slice(0, 16)}Z`;
    const speak = parts.words() as Speak;
    return `${markdown(shown, speak, at)}\n${speak.sayCode("report", "masked", {}, "evidence.unknown")}\n`;
  };

  return {
    get: () => view,
    start: async (started) => {
      const target = await targetOf(parts, started);
      if ("errors" in target) return target;
      const route = await firstWay(target.proxies, target.url);
      if (route.kind === "unusable")
        return error(started.stream === null ? "url" : "stream", "diagnose-proxy-unusable");
      stop.abort();
      stop = new AbortController();
      void run(started, target, stop).catch(parts.fault);
      return { errors: [] };
    },
    cancel: () => stop.abort(),
    report,
    save: async (format) => {
      const text = report(format);
      const path = text === null ? null : await parts.chooseFile(format);
      if (text === null || path === null) return null;
      await writeFile(path, text, "utf8");
      return path;
    },
  };
}

/** What is to be asked, and with which headers; or why it cannot be. */
async function targetOf(
  parts: DiagnosisParts,
  { stream, url, compare }: Started,
): Promise<Target | { errors: FieldError[] }> {
  const compareTrouble = compare === null ? null : urlTrouble(compare, "http");
  if (compareTrouble !== null) return error("compare", compareTrouble);
  if (stream !== null) return targetOfStream(parts, stream);
  const trouble = urlTrouble(url ?? "", "http");
  return trouble === null ? { url: url ?? "", headers: [], proxies: ofApp(parts) } : error("url", trouble);
}

/** The way that the stream goes now, with what it sends there. */
async function targetOfStream(parts: DiagnosisParts, id: string) {
  const { settings, secrets, streams, freshCredentials, proxies } = parts;
  const shown = streams.views().find((one) => one.id === id);
  const { endpoints, general } = settings.view();
  const endpoint = endpoints.find((one) => one.id === id);
  if (endpoint === undefined) {
    // The demo's is in no settings, and wants no headers.
    return shown === undefined
      ? error("stream", "stream-id-invalid")
      : { url: shown.address, headers: [], proxies: ofApp(parts) };
  }
  if (endpoint.method !== "GET") return error("stream", "diagnose-needs-get");
  const secret = (part: string) => secrets.get(secretKey(id, part));
  const { routes } = planOf(endpoint, general.policy, secret, freshCredentials, proxies);
  const ways = routes.filter(({ candidate }) => candidate.transport === "sse");
  const way = ways.find((one) => placeOf(one.url) === placeOf(shown?.endpoint ?? "")) ?? ways[0];
  if (way === undefined) return error("stream", "stream-id-invalid");
  const headers = await way.headers().catch(() => null);
  if (headers === null) return error("stream", "diagnose-no-credential");
  return { url: way.url, headers, proxies: proxies(endpoint, () => secret("proxy")) };
}

/** The app's own way out, for what is in no settings. */
function ofApp({ proxies }: DiagnosisParts): Proxies {
  return proxies({ id: "diagnosis", proxy: { mode: "app", url: "", username: "" } }, () => null);
}
