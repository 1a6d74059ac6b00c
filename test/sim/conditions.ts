/**
 * What is wrong with a path at the moment: layers that faults put over a healthy ground and take away again. Because a
 * fault only ever removes its own layer, any number of them can begin and end in any order.
 */
import type { Evidence } from "../../main/core/failure/failure.ts";

/** What a request brings to a server. */
export type Asked = { readonly lastEventId: string; readonly credential: string; readonly attempt: number };

/** How far a server goes back for whoever asks from an id. `exclusive` is what the specification means. */
export type Replay = "exclusive" | "inclusive" | "everything" | "only-new";

export type Conditions = {
  /** What becomes of a dial: null goes through, "silence" is never answered, evidence is the end of it. */
  dial: null | "silence" | (() => Evidence | null);
  /** What the server answers in place of a stream; null: a stream. */
  answer: null | ((asked: Asked) => Evidence | null);
  /** From the request to the final headers, ms; infinite: never. */
  headersMs: number;
  /** A byte needs so long, at least and at most, ms. */
  latencyMs: readonly [number, number];
  replay: Replay;
  /** The connection ends at this age, ms, and how. */
  endsAtMs: number;
  endsWith: "fin" | "rst";
  /** What is silent for so long is cut on the way, ms. */
  idleCutMs: number;
  /** With which code a WebSocket is closed. */
  closeCode: number;
  /** One event in so many is cut at some byte of it; 0: none. */
  cutsOneIn: number;
  /** One event in so many comes in two halves, and how far apart, ms; 0: none. */
  haltsOneIn: number;
  haltMs: number;
  /** Bytes go nowhere, in either direction, and nobody is told. */
  dead: boolean;
  /** A proxy keeps what it has until there is so much, bytes; infinite: for ever. */
  holdBytes: number;
  /** What stands at the head of the body passes all the same. */
  greets: boolean;
  /** Sent in pieces of at most so many bytes, so far apart. */
  pieceBytes: number;
  pieceMs: number;
  /** Comments to keep the path alive, ms apart; infinite: none. */
  heartbeatMs: number;
  /** What stands at the head of the body. */
  preamble: string;
  /** Put before one event in five: fields and blocks that are no event. Told the id that was sent last. */
  noise: null | ((lastId: string | null) => string);
  /** Ids are others than those of the stream's other addresses. */
  idPrefix: string;
  lineBreak: "\n" | "\r" | "\r\n";
  /** How far the clock that stamps events is off, ms; null: they have no stamp. */
  clockOffsetMs: number | null;
};

export const healthy: Conditions = {
  dial: null,
  answer: null,
  headersMs: 40,
  latencyMs: [1, 30],
  replay: "exclusive",
  endsAtMs: Number.POSITIVE_INFINITY,
  endsWith: "fin",
  idleCutMs: Number.POSITIVE_INFINITY,
  closeCode: 1000,
  cutsOneIn: 0,
  haltsOneIn: 0,
  haltMs: 0,
  dead: false,
  holdBytes: 0,
  greets: false,
  pieceBytes: Number.POSITIVE_INFINITY,
  pieceMs: 0,
  heartbeatMs: 15_000,
  preamble: ": welcome\n\n",
  noise: null,
  idPrefix: "",
  lineBreak: "\n",
  clockOffsetMs: null,
};

type Layer = { readonly by: string; readonly over: Partial<Conditions> };

export class Layers {
  readonly #ground: Conditions;
  readonly #hit: (fault: string) => void;
  #layers: readonly Layer[] = [];

  /** @param hit told which fault made itself felt */
  constructor(ground: Partial<Conditions>, hit: (fault: string) => void) {
    this.#ground = { ...healthy, ...ground };
    this.#hit = hit;
  }

  put(by: string, over: Partial<Conditions>): void {
    this.#layers = [...this.#layers.filter((layer) => layer.by !== by), { by, over }];
  }

  remove(by: string): void {
    this.#layers = this.#layers.filter((layer) => layer.by !== by);
  }

  /** The same as `get`, for whoever only looks on: no fault has made itself felt by it. */
  peek<K extends keyof Conditions>(key: K): Conditions[K] {
    const layer = this.#layers.findLast(({ over }) => over[key] !== undefined);
    return (layer?.over[key] ?? this.#ground[key]) as Conditions[K];
  }

  /** The condition as it is now, by the fault that came last. */
  get<K extends keyof Conditions>(key: K): Conditions[K] {
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const layer = this.#layers[i] as Layer;
      const value = layer.over[key];
      if (value === undefined) continue;
      this.#hit(layer.by);
      return value as Conditions[K];
    }
    return this.#ground[key];
  }
}
