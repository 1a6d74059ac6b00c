/** One stream in the small world, and short ways to what came of it. */
import type { Event, State } from "../../main/core/connection-state.ts";
import type { Mark, ReceivedEvent } from "../../main/core/record.ts";
import type { Recorded } from "../../main/streams/journal-writer.ts";
import { Stream, type StreamObserver, type StreamSpec } from "../../main/streams/stream.ts";
import { policy } from "../core/play.ts";
import { ending, settle, streamWorld } from "../fakes/stream-world.ts";

export const batchMs = 100;

/** @param also who wants to know besides */
export function aStream(change: Partial<StreamSpec> = {}, also: StreamObserver = {}) {
  const world = streamWorld();
  const { clock, journal, transport } = world;
  const told = { recorded: [] as Recorded[], moved: [] as [Event["type"], State][], comments: [] as string[] };
  const spec: StreamSpec = {
    id: "orders",
    url: "https://a.example/orders?key=canary",
    method: "GET",
    body: null,
    headers: () => [],
    lastEventId: "",
    policy,
    source: "settings",
    ...change,
  };
  const observer = {
    recorded: (from: Stream, records: readonly Recorded[]) => {
      told.recorded.push(...records);
      also.recorded?.(from, records);
    },
    moved: (from: Stream, before: State, after: State, event: Event) => {
      told.moved.push([event.type, after]);
      also.moved?.(from, before, after, event);
    },
    comment: (_: Stream, text: string) => void told.comments.push(text),
  };
  const stream = ending(new Stream(spec, world, observer, batchMs));
  const records = () => journal.appends.flatMap((append) => append.records);
  const kept = async () => {
    await stream.flush();
    return records();
  };
  return {
    ...world,
    stream,
    told,
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
