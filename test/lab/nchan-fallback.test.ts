/**
 * `watch URL --ws URL` against nginx + nchan, a server that we did not write: its SSE location is broken and its WebSocket
 * location is alive, and the events that were published are the events that come.
 */
import { expect, it } from "vitest";
import { quickly } from "../cli/quick-policy.ts";
import { type Nginx, needNchan, nginx, streaming } from "./nginx.ts";
import { watching } from "./watch-process.ts";

const channel = (sse: string) => `
  location = /publish {
    nchan_publisher http;
    nchan_channel_id lab;
    nchan_message_buffer_length 1000;
    nchan_message_timeout 1h;
  }
  location = /events { ${sse} }
  location = /ws {
    nchan_subscriber websocket;
    nchan_channel_id lab;
    nchan_subscriber_first_message newest;
    nchan_subscriber_last_message_id $http_last_event_id;
    nchan_websocket_ping_interval 1;
  }`;

const lab = (sse: string) => nginx({ nchan: true, http: "nchan_max_reserved_memory 16m;", server: channel(sse) });
const at = ({ url }: Nginx, path: string) => `${url.replace("http", "ws")}${path}`;

async function publish({ url }: Nginx, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    const answer = await fetch(`${url}/publish`, { method: "POST", body: `{"n":${n}}` });
    expect([201, 202]).toContain(answer.status);
    await answer.arrayBuffer();
  }
}

const numbered = (to: number): string[] => Array.from({ length: to }, (_, i) => `{"n":${i + 1}}`);

it.for<[string, string, string]>([
  ["answers 500", "return 500;", "SERVER/server-error"],
  ["answers 404", "return 404;", "PROXY/not-found"],
  ["sends a page", 'default_type text/html; return 200 "<html>";', "PROXY/wrong-type"],
])("goes by nchan's WebSocket where its SSE location %s: every event once", async ([, sse, failure], ctx) => {
  needNchan(ctx);
  const server = await lab(sse);
  const watch = watching(`${server.url}/events`, "--ws", at(server, "/ws"), ...quickly());
  await watch.reaches("open");
  expect(watch.states.at(-1)).toMatchObject({ transport: "websocket", endpoint: at(server, "/ws") });
  expect(watch.failures[0]).toBe(failure);

  await publish(server, 1, 150);
  await expect.poll(() => watch.events.length, { timeout: 10_000 }).toBe(150);
  expect(watch.events.map(({ data }) => data)).toEqual(numbered(150));
  expect(new Set(watch.ids).size).toBe(150);
  expect(watch.lines.filter(({ kind }) => kind === "gap")).toEqual([]);
  expect(watch.rubbish).toEqual([]);
  expect(await watch.stop()).toBe(0);
});

it("leaves nchan's SSE for its WebSocket when that begins to fail, and takes its place in the stream along", {
  timeout: 120_000,
}, async (ctx) => {
  needNchan(ctx);
  const server = await lab(
    "nchan_subscriber eventsource; nchan_channel_id lab; nchan_subscriber_first_message newest;",
  );
  // The way to the SSE location leads over another server, which can go away alone.
  const front = await nginx({ server: streaming(server.port) });
  const watch = watching(`${front.url}/events`, "--ws", at(server, "/ws"), ...quickly());
  await watch.reaches("open");
  await publish(server, 1, 20);
  await expect.poll(() => watch.events.length, { timeout: 10_000 }).toBe(20);
  expect(watch.states.at(-1)?.transport).toBe("sse");

  await front.stop();
  await publish(server, 21, 45);
  await expect.poll(() => watch.states.at(-1)?.transport, { timeout: 90_000 }).toBe("websocket");
  await expect.poll(() => watch.events.length, { timeout: 30_000 }).toBe(45);
  await publish(server, 46, 60);
  await expect.poll(() => watch.events.length, { timeout: 10_000 }).toBe(60);
  expect(watch.events.map(({ data }) => data)).toEqual(numbered(60));
  expect(watch.lines.filter(({ kind }) => kind === "gap")).toEqual([]);
});
