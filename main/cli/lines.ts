/** What `watch` prints: one JSON line a fact, in the shapes that README promises, or the same for people. Pure. */
import type { FailureView, Grade, Health, Params } from "../../preload/contract.ts";
import type { Words } from "../../preload/words.ts";
import type { State } from "../core/connection/connection-state.ts";
import type { EventRecord } from "../core/events/record.ts";

export type StateLine = {
  readonly kind: "state";
  readonly at: string;
  readonly phase: State["link"]["phase"];
  /** Number of the attempt this line is about, since the connection last proved useful. */
  readonly attempt: number;
  /** The address that the stream was asked for by; origin and path only. */
  readonly url: string;
  /** The address that is used, tried or waited for. */
  readonly endpoint: string;
  readonly transport: "sse" | "websocket";
  /** The forward proxy that it goes out by, as scheme, host and port; null: none. */
  readonly proxy: string | null;
  readonly failure: { family: string; kind: string; status?: number; final: boolean; params: Params } | null;
  readonly retryInMs: number | null;
  /** While nothing is open nothing flows, which is `silent`. */
  readonly health: Health;
  readonly quality: Grade;
};

export type Line =
  | StateLine
  | {
      readonly kind: "event";
      readonly at: string;
      readonly seq: number;
      readonly id: string | null;
      readonly type: string;
      readonly data: string;
      readonly lastEventId: string;
      readonly flags: readonly string[];
    }
  | { readonly kind: "comment"; readonly at: string; readonly text: string }
  | {
      readonly kind: "gap";
      readonly at: string;
      readonly from: string | null;
      readonly to: string | null;
      readonly reason: string;
      readonly params: Params;
    };

/** What a state line says beside the state of the machine; addresses are origin and path only. */
export type Way = Pick<StateLine, "url" | "endpoint" | "transport" | "quality" | "proxy">;

export function stateLine(state: State, way: Way, at: string): StateLine {
  const { url, endpoint, transport, quality, proxy } = way;
  const { link, failures } = state;
  const underWay = link.phase === "connecting" || link.phase === "open";
  return {
    kind: "state",
    at,
    phase: link.phase,
    attempt: underWay ? failures + 1 : failures,
    url,
    endpoint,
    transport,
    proxy,
    failure: link.phase === "waiting" || link.phase === "halted" ? publicFailure(link.failure) : null,
    retryInMs: link.phase === "waiting" ? link.delayMs : null,
    health: link.phase === "open" ? link.health : "silent",
    quality,
  };
}

function publicFailure({ family, kind, status, final, params }: FailureView) {
  return { family, kind, ...(status === null ? {} : { status }), final, params };
}

export function eventLine(record: EventRecord): Line {
  const { seq, id, type, data, lastEventId, flags } = record;
  return { kind: "event", at: new Date(record.receivedAt).toISOString(), seq, id, type, data, lastEventId, flags };
}

/** @param params of a gap mark: `from` and `to` are ids, where they are known */
export function gapLine(params: Params, at: string): Line {
  const { reason, from, to, ...rest } = params;
  const text = (value: string | number | undefined) => (value === undefined || value === "" ? null : String(value));
  return { kind: "gap", at, from: text(from), to: text(to), reason: String(reason), params: rest };
}

/** The same facts as a line for people, without control characters that could move a terminal's cursor. */
export function prettyLine(line: Line, words: Words): string {
  const time = line.at.slice(11, 23);
  switch (line.kind) {
    case "state":
      return `${time}  ${prettyState(line, words)}`;
    case "event":
      return `${time}  ${visible(line.type)}${line.id === null ? "" : ` #${visible(line.id)}`}  ${visible(line.data)}`;
    case "comment":
      return `${time}  : ${visible(line.text)}`;
    case "gap":
      return `${time}  ${words.sayCode("cli.gap", line.reason, { ...line.params, from: line.from ?? "" }, "cli.gap.unknown")}`;
  }
}

function prettyState(line: StateLine, words: Words): string {
  const state = words.sayCode("cli.state", line.phase === "open" ? line.health : line.phase, {}, "cli.state.unknown");
  if (line.failure === null) return `${state}  ${line.endpoint}`;
  const { kind, params, status } = line.failure;
  const cause = words.sayCode(
    "failure",
    kind,
    { ...params, ...(status === undefined ? {} : { status }) },
    "failure.unknown",
  );
  const advice =
    typeof params["advice"] === "string"
      ? `  ${words.sayCode("advice", params["advice"], params, "advice.unknown")}`
      : "";
  const retry = line.retryInMs === null ? "" : `  ${words.say("cli.retryIn", { seconds: line.retryInMs / 1000 })}`;
  return `${state}  ${cause}${advice}${retry}`;
}

function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be made visible
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (c) =>
    c === "\n" ? "⏎" : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
