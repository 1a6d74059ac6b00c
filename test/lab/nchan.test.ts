/** The command line against nginx + nchan, a server that we did not write: its ids, its replay, its bytes. */
import { expect, it } from "vitest";
import { mildly } from "../cli/quick-policy.ts";
import { type Nginx, needNchan, nginx, streaming } from "./nginx.ts";
import { watching } from "./watch-process.ts";

const channel = `
  location = /publish {
    nchan_publisher http;
    nchan_channel_id lab;
    nchan_message_buffer_length 1000;
    nchan_message_timeout 1h;
  }
  location = /events {
    nchan_subscriber eventsource;
    nchan_channel_id lab;
    nchan_subscriber_first_message newest;
    nchan_eventsource_ping_interval 1;
  }`;

const ids = /^\d{9,}:\d+$/;

function nchan(): Promise<Nginx> {
  return nginx({ nchan: true, http: "nchan_max_reserved_memory 16m;", server: channel });
}

async function publish({ url }: Nginx, ...data: string[]): Promise<void> {
  for (const body of data) {
    const answer = await fetch(`${url}/publish`, { method: "POST", body });
    expect([201, 202]).toContain(answer.status);
    await answer.arrayBuffer();
  }
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `{"n":${from + i}}`);

it("receives as many events as were published to nchan, once each and in order", async (ctx) => {
  needNchan(ctx);
  const server = await nchan();
  const watch = watching(`${server.url}/events`, ...mildly());
  await watch.reaches("open");

  await publish(server, ...numbered(1, 200));
  await expect.poll(() => watch.events.length).toBe(200);
  expect(watch.events.map(({ data }) => data)).toEqual(numbered(1, 200));
  expect(watch.ids.every((id) => ids.test(id ?? ""))).toBe(true);
  expect(new Set(watch.ids).size).toBe(200);
});

it("gives nchan its own id back after each cut, and nchan replays what was missed", async (ctx) => {
  needNchan(ctx);
  const server = await nchan();
  const front = await nginx({ server: streaming(server.port) });
  const watch = watching(`${front.url}/events`, ...mildly());
  await watch.reaches("open");
  await publish(server, ...numbered(1, 10));
  await expect.poll(() => watch.events.length).toBe(10);

  let published = 10;
  const resumedFrom: string[] = [];
  for (const missed of [1, 25, 60]) {
    const last = watch.ids.at(-1) ?? "";
    expect(last).toMatch(ids);
    await front.stop();
    await expect.poll(() => watch.states.at(-1)?.phase, { timeout: 10_000 }).not.toBe("open");
    await publish(server, ...numbered(published + 1, published + missed));
    published += missed;
    await front.start();
    await expect.poll(() => watch.events.length, { timeout: 40_000 }).toBe(published);
    resumedFrom.push(last);
  }

  expect(watch.events.map(({ data }) => data)).toEqual(numbered(1, published));
  expect(new Set(watch.ids).size).toBe(published);
  expect(watch.lines.filter(({ kind }) => kind === "gap")).toEqual([]);
  // On the wire, as nchan itself saw it: a request is written down when it has ended.
  await watch.stop();
  for (const last of resumedFrom) {
    await expect.poll(() => server.asked.filter((line) => line.endsWith(`last=${last}`)).length).toBe(1);
  }
});

it("goes on after nchan itself was ended, which forgets what it had", async (ctx) => {
  needNchan(ctx);
  const server = await nchan();
  const watch = watching(`${server.url}/events`, ...mildly());
  await watch.reaches("open");
  await publish(server, "before");
  await expect.poll(() => watch.events.length).toBe(1);

  await server.stop();
  await expect.poll(() => watch.failures, { timeout: 10_000 }).toContain("NETWORK/refused");
  await server.start();
  await watch.reaches("open", 40_000);
  await publish(server, "after");
  await expect.poll(() => watch.events.map(({ data }) => data), { timeout: 10_000 }).toEqual(["before", "after"]);
});

it("takes nchan's own resume point from the command line", async (ctx) => {
  needNchan(ctx);
  const server = await nchan();
  const first = watching(`${server.url}/events`, ...mildly());
  await first.reaches("open");
  await publish(server, ...numbered(1, 6));
  await expect.poll(() => first.events.length).toBe(6);

  const second = watching(`${server.url}/events`, "--last-event-id", first.ids[2] ?? "", "--max-events", "3");
  expect(await second.exited).toBe(0);
  expect(second.events.map(({ data }) => data)).toEqual(numbered(4, 6));
});
