/** One stream in the small world, and short ways to what came of it. */
import type { Event, State } from "../../main/core/connection/connection-state.ts";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import type { Recorded } from "../../main/streams/journal-writer.ts";
import { Stream, type StreamObserver, type StreamSpec } from "../../main/streams/stream.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { aPlan, ending, settle, streamWorld } from "../fakes/stream-world.ts";

export const batchMs = 100;

/** One address with a secret in its query, a further one at another server, and a WebSocket at the first. */
export const address = "https://a.example/orders?key=canary";
export const further = "https://b.example/orders";
export const socketAddress = "wss://a.example/socket";

/** An endpoint that may also go by `further`. */
export const grouped: Partial<Endpoint> = { url: address, group: [{ url: further, headers: [] }] };
/** An endpoint with a WebSocket beside its one address. */
export const withSocket: Partial<Endpoint> = {
  url: address,
  websocket: { url: socketAddress, frames: "auto", resumeQuery: "", headers: [] },
};

/** One record of a batch that was told. */
type ToldRecord = {
  readonly seq: number | undefined;
  readonly unsaved: boolean;
  readonly record: Recorded["records"][number];
};

/**
 * @param also who wants to know besides
 * @param world one that a stream has lived in before, for what a restart finds
 */
export function aStream(change: Partial<StreamSpec> = {}, also: StreamObserver = {}, world = streamWorld()) {
  const { clock, journal, transport } = world;
  const worked: string[] = [];
  const remembered: string[] = [];
  const memory = {
    worked: () => worked,
    noteWorked: (key: string) => void worked.push(key),
    remember: (key: string) => void remembered.push(key),
  };
  const told = { recorded: [] as ToldRecord[], moved: [] as [Event["type"], State][], comments: [] as string[] };
  const spec: StreamSpec = {
    id: "orders",
    plan: aPlan({ url: address }),
    lastEventId: "",
    source: "settings",
    ...change,
  };
  const observer = {
    recorded: (from: Stream, batch: Recorded) => {
      const { records, seqs, unsaved } = batch;
      told.recorded.push(...records.map((record, at) => ({ seq: seqs[at], unsaved, record })));
      also.recorded?.(from, batch);
    },
    moved: (from: Stream, before: State, after: State, event: Event) => {
      told.moved.push([event.type, after]);
      also.moved?.(from, before, after, event);
    },
    comment: (_: Stream, text: string) => void told.comments.push(text),
  };
  const turns = createDialTurns(clock);
  const stream = ending(new Stream(spec, { ...world, turns, memory }, observer, batchMs));
  const records = () => journal.appends.flatMap((append) => append.records);
  const kept = async () => {
    await stream.flush();
    return records();
  };
  return {
    ...world,
    stream,
    told,
    worked,
    remembered,
    /** Starts it; the answer comes 30 ms later. */
    async begin() {
      stream.start();
      await clock.advance(30);
      return transport.last;
    },
    /** Waits as long as the machine wants to, and 30 ms more. */
    async retries() {
      const { link } = stream.state;
      if (link.phase !== "waiting") throw new Error(`${link.phase} instead of waiting`);
      await clock.advance(link.delayMs + 30);
      return transport.last;
    },
    async redials() {
      stream.retryNow();
      await settle();
      await clock.advance(30);
      return transport.last;
    },
    async marks(): Promise<Mark[]> {
      return (await kept()).filter((record) => "mark" in record);
    },
    async events(): Promise<ReceivedEvent[]> {
      return (await kept()).filter((record) => "data" in record);
    },
  };
}
