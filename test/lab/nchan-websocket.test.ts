/**
 * The WebSocket transport against nginx + nchan, a server that we did not write, where its SSE location is broken and its
 * WebSocket location is not: its frames, its ids, its replay.
 */
import { expect, it, vi } from "vitest";
import type { ParsedEvent } from "../../main/core/connection/connection-state.ts";
import type { Target } from "../../main/io/ports.ts";
import { type Attempt, attempt } from "../fakes/attempt.ts";
import { wsAttempt } from "../io/websocket-attempt.ts";
import { type Nginx, needNchan, nginx } from "./nginx.ts";

const channel = `
  location = /publish {
    nchan_publisher http;
    nchan_channel_id lab;
    nchan_message_buffer_length 1000;
    nchan_message_timeout 1h;
  }
  location = /missing { return 404; }
  location = /events { return 500; }
  location = /ws {
    nchan_subscriber websocket;
    nchan_channel_id lab;
    nchan_subscriber_first_message newest;
    nchan_subscriber_last_message_id $http_last_event_id $arg_last_event_id;
    nchan_websocket_ping_interval 1;
  }
  location = /sse { nchan_subscriber eventsource; nchan_channel_id lab; nchan_subscriber_first_message oldest; }
  location = /closed { return 403; }`;

const ids = /^\d{9,}:\d+$/;

async function lab() {
  const server = await nginx({ nchan: true, http: "nchan_max_reserved_memory 16m;", server: channel });
  const at = (path: string) => server.url.replace("http", "ws") + path;
  const ws = (rest: Partial<Target> = {}) => wsAttempt(at("/ws"), rest);
  return { server, at, ws };
}

async function publish({ url }: Nginx, data: readonly string[], type = "text/plain"): Promise<void> {
  for (const body of data) {
    const answer = await fetch(`${url}/publish`, { method: "POST", body, headers: { "Content-Type": type } });
    expect([201, 202]).toContain(answer.status);
    await answer.arrayBuffer();
  }
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `{"n":${from + i}}`);

function eventsOf({ told }: Attempt): ParsedEvent[] {
  return told.flatMap((one) => (one.type === "events" ? one.events : []));
}

it("gives the events with their ids where the SSE location is broken", async (ctx) => {
  needNchan(ctx);
  const { server, ws } = await lab();
  expect(await attempt(`${server.url}/events`).evidence()).toMatchObject({ what: "answer", status: 500 });
  expect(await attempt(`${server.url}/missing`).evidence()).toMatchObject({ what: "answer", status: 404 });

  const made = ws();
  await made.until("opened");
  await publish(server, numbered(1, 200), "application/json");
  await vi.waitFor(() => expect(made.data.length).toBe(200), { timeout: 5000 });
  expect(made.data).toEqual(numbered(1, 200));
  const found = eventsOf(made);
  expect(found.every(({ id, type, flags }) => ids.test(id ?? "") && type === "message" && flags.length === 0)).toBe(
    true,
  );
  expect(new Set(found.map(({ id }) => id)).size).toBe(200);
});

it.for<[string, Partial<Target>]>([
  ["header", { frames: "nchan" }],
  ["query", { frames: "auto", resumeQuery: "last_event_id" }],
])("goes on by %s from where it was cut, once each and in order", async ([, how], ctx) => {
  needNchan(ctx);
  const { server, ws } = await lab();
  let made = ws(how);
  await made.until("opened");
  await publish(server, numbered(1, 5));
  await vi.waitFor(() => expect(made.data.length).toBe(5), { timeout: 5000 });
  const all = [...eventsOf(made)];

  let published = 5;
  for (const missed of [1, 25, 60]) {
    made.connection.close();
    await publish(server, numbered(published + 1, published + missed));
    published += missed;
    made = ws({ ...how, lastEventId: all.at(-1)?.lastEventId ?? "" });
    await vi.waitFor(() => expect(made.data.length).toBe(missed), { timeout: 5000 });
    all.push(...eventsOf(made));
  }
  expect(all.map(({ data }) => data)).toEqual(numbered(1, published));
  expect(new Set(all.map(({ id }) => id)).size).toBe(published);
});

it("has the same ids as nchan's SSE, so that a stream can go from one to the other and back", async (ctx) => {
  needNchan(ctx);
  const { server, ws } = await lab();
  await publish(server, numbered(1, 6));
  const sse = attempt(`${server.url}/sse`);
  await vi.waitFor(() => expect(sse.data.length).toBe(6), { timeout: 5000 });
  const bySse = eventsOf(sse).map(({ id }) => id);

  const made = ws({ lastEventId: bySse[1] ?? "" });
  await vi.waitFor(() => expect(made.data).toEqual(numbered(3, 6)), { timeout: 5000 });
  expect(eventsOf(made).map(({ id }) => id)).toEqual(bySse.slice(2));

  const back = attempt(`${server.url}/sse`, { lastEventId: eventsOf(made)[1]?.id ?? "" });
  await vi.waitFor(() => expect(back.data).toEqual(numbered(5, 6)), { timeout: 5000 });
});

it("keeps messages as they are, whatever they look like", async (ctx) => {
  needNchan(ctx);
  const { server, ws } = await lab();
  const odd = ["id: 1\n\nx", "data: y\n\n", '{"id":"9","data":"z"}', "grüß\r\n\r\n名", " \n"];
  const made = ws();
  await made.until("opened");
  await publish(server, odd, "text/plain; charset=utf-8");
  await vi.waitFor(() => expect(made.data).toEqual(odd), { timeout: 5000 });
});

it("hears nchan's pings, answers them, and tells a refused handshake and nchan's end", async (ctx) => {
  needNchan(ctx);
  const { server, at, ws } = await lab();
  expect(await wsAttempt(at("/closed")).evidence()).toMatchObject({ what: "answer", status: 403 });
  const made = ws();
  await made.until("opened");
  await vi.waitFor(() => expect(made.told.filter(({ type }) => type === "settled").length).toBeGreaterThan(1), {
    timeout: 5000,
  });
  await server.stop();
  expect(await made.evidence()).toMatchObject({ what: "closed", code: 1001 });
});
