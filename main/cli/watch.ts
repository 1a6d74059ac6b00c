/** `watch URL`: holds one stream on the product's own core and prints what happens, until it is asked to stop. */
import { networkInterfaces } from "node:os";
import { resolveLocale, words } from "../../preload/words.ts";
import { address } from "../core/redact.ts";
import { isLoopback } from "../io/addresses.ts";
import { createMemoryJournal } from "../io/journal/memory-journal.ts";
import { createNetworkMonitor } from "../io/network-monitor.ts";
import { createSseTransport } from "../io/sse/sse-transport.ts";
import { createNetworkMemory } from "../io/stores/network-memory.ts";
import { systemClock, systemRandom } from "../io/system-clock.ts";
import { createWebSocketTransport } from "../io/websocket/websocket-transport.ts";
import { createDialTurns } from "../streams/dial-turns.ts";
import { Stream, type StreamObserver } from "../streams/stream.ts";
import { version } from "../version.ts";
import { eventLine, gapLine, type Line, prettyLine, stateLine } from "./lines.ts";
import { createRecorder, openRecord, unwritable } from "./recorder.ts";
import { replay } from "./replay.ts";
import type { WatchPlan } from "./watch-plan.ts";

const exit = { asked: 0, halted: 3 } as const;

type HoldPlan = Extract<WatchPlan, { replay: null }>;

/** Runs until stopped; resolves with the exit code. */
export async function watch(plan: WatchPlan, print: (line: string) => void, stopped: AbortSignal): Promise<number> {
  const speak = words(resolveLocale("system", [process.env["LC_ALL"] || process.env["LANG"] || "en"]));
  const say = (line: Line) => print(plan.pretty ? prettyLine(line, speak) : JSON.stringify(line));
  return plan.replay === null ? hold(plan, say, stopped) : replay(plan.replay, say, print);
}

async function hold(plan: HoldPlan, say: (line: Line) => void, stopped: AbortSignal): Promise<number> {
  const { endpoint } = plan;
  const url = address(endpoint.url);
  const now = () => new Date(systemClock.utc()).toISOString();
  let printed = 0;
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const identity = { userAgent: `Holdfast/${version}`, utc: systemClock.utc };
  const { record } = plan;
  // Steps that are not taken down any more were asked for: it ends, and says why when the rest is put away.
  const recorder = record === null ? null : createRecorder(await openRecord(record), () => end(exit.asked));
  const turns = createDialTurns(systemClock);
  const network = createNetworkMonitor({ clock: systemClock, interfaces: networkInterfaces });
  const memory = createNetworkMemory(systemClock);
  const world = {
    clock: systemClock,
    random: systemRandom,
    transports: { sse: createSseTransport(identity), websocket: createWebSocketTransport(identity) },
    turns,
    journal: createMemoryJournal(),
    memory: {
      worked: () => memory.worked(endpoint.id),
      noteWorked: (key: string) => memory.noteWorked(endpoint.id, key),
      remember: (key: string) => memory.remember(endpoint.id, network.current().network, key),
    },
    ...(recorder === null ? {} : { ring: recorder.ring }),
  };
  const spec = { id: endpoint.id, plan: plan.plan, lastEventId: endpoint.lastEventId, source: "settings" as const };
  let halted = false;
  const full = () => plan.maxEvents !== null && printed >= plan.maxEvents;
  /** Prints after the events that came before it, which pass through the journal first. */
  const inTurn = (stream: Stream, line: Line, then = () => {}) => {
    void stream.flush().then(() => {
      if (!full()) say(line);
      then();
    });
  };
  const observer: StreamObserver = {
    moved: (moved) => {
      // The last word of a stream that halted is why: that it is put away afterwards says nothing.
      if (halted) return;
      halted = moved.state.link.phase === "halted";
      const { state, grade, transport, facts } = moved;
      network.watchClosely(state.link.phase !== "open");
      const way = { url, endpoint: facts.endpoint, transport, quality: grade, proxy: facts.proxy };
      inTurn(moved, stateLine(state, way, now()), halted ? () => end(exit.halted) : undefined);
    },
    recorded: (_stream, { records, seqs }) => {
      for (const [at, record] of records.entries()) {
        if (full()) break;
        if (!("mark" in record)) {
          say(eventLine({ ...record, seq: seqs[at] ?? 0 }));
          printed++;
        } else if (record.mark === "gap") say(gapLine(record.params, new Date(record.at).toISOString()));
      }
      if (full()) end(exit.asked);
    },
    comment: (commented, text) => inTurn(commented, { kind: "comment", at: now(), text }),
  };
  const stream = new Stream(spec, world, observer, 0);
  // What is on this computer is there without any network.
  const isHere = plan.plan.routes.every((route) => isLoopback(route.url));
  const tell = (online: boolean, changed: boolean, name: string) =>
    stream.network(online || isHere, changed, memory.recall(endpoint.id, name));
  tell(network.current().online, false, network.current().network);
  network.subscribe((news) => {
    if (news.type === "network") tell(news.online, news.changed, news.network);
    else stream.wake(news.stalledMs);
  });
  stopped.addEventListener("abort", () => end(exit.asked));
  const timer = plan.forMs === null ? undefined : setTimeout(() => end(exit.asked), plan.forMs);
  if (!stopped.aborted) stream.start();
  else end(exit.asked);
  const code = await ended;
  clearTimeout(timer);
  network.close();
  await stream.close();
  turns.close();
  await recorder?.close().catch((error: Error) => {
    throw unwritable(record ?? "", error);
  });
  // The last events may come with the end that halts: what was asked for is there, so it ends as asked.
  return full() ? exit.asked : code;
}
