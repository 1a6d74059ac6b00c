/** One attempt of a transport, with everything it told, and a way to wait for more. */
import { onTestFinished } from "vitest";
import type { TransportEvent } from "../../main/core/connection/connection-state.ts";
import { classify, type Evidence, type Failure, freshContext } from "../../main/core/failure/failure.ts";
import type { Connection, StreamTransport, Target } from "../../main/io/ports.ts";
import type { Limits } from "../../main/io/sse/sse-decoder.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";

export type Attempt = {
  /** What its end means. */
  failure(): Promise<Failure>;
  readonly told: readonly TransportEvent[];
  readonly connection: Connection;
  /** Data of the events so far. */
  readonly data: readonly string[];
  /** Resolves with the first of this type, told or to come; rejects after 5 s. */
  until<T extends TransportEvent["type"]>(type: T): Promise<Extract<TransportEvent, { type: T }>>;
  /** `FAMILY kind` of how it ended. */
  ended(): Promise<string>;
  evidence(): Promise<Evidence>;
};

export function attempt(url: string, rest: Partial<Target> = {}, limits?: Limits): Attempt {
  const transport = createSseTransport({
    userAgent: "Holdfast/test",
    utc: Date.now,
    ...(limits === undefined ? {} : { limits }),
  });
  const target: Target = {
    url,
    method: "GET",
    body: null,
    headers: [],
    lastEventId: "",
    resumeQuery: null,
    frames: "auto",
    ...rest,
  };
  return attemptBy(transport, target);
}

/** The same by any transport. */
export function attemptBy(transport: StreamTransport, target: Target): Attempt {
  const told: TransportEvent[] = [];
  const waiting = new Set<(event: TransportEvent) => void>();
  const connection = transport.open(target, (event) => {
    told.push(event);
    for (const look of waiting) look(event);
  });
  onTestFinished(() => connection.close());
  const until: Attempt["until"] = (type) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type}; told ${JSON.stringify(told).slice(0, 500)}`)), 5000);
      const look = (event: TransportEvent) => {
        if (event.type !== type) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(event as never);
      };
      const before = told.find((event) => event.type === type);
      if (before === undefined) waiting.add(look);
      else look(before);
    });
  const evidence = async () => (await until("failed")).evidence;
  return {
    told,
    connection,
    until,
    evidence,
    failure: async () => classify(await evidence(), freshContext),
    get data() {
      return told.flatMap((event) => (event.type === "events" ? event.events.map(({ data }) => data) : []));
    },
    async ended() {
      const { family, kind } = classify(await evidence(), freshContext);
      return `${family} ${kind}`;
    },
  };
}
