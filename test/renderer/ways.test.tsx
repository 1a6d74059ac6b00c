// @vitest-environment happy-dom
/** The list of ways behind the button in the connection bar, and what the inspector says of an event's way. */
import { act } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { StreamView } from "../../preload/contract.ts";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";
import { fakeStream } from "./fake-data.ts";
import { fakeWays } from "./fake-ways.ts";

const now = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now });
});
afterEach(async () => {
  await eraseWindows();
  vi.useRealTimers();
});

async function drawn(change: Partial<StreamView>) {
  const window = await drawWindow({ now });
  await act(async () => window.fake.setStreams([fakeStream("orders", "Orders", change, now)]));
  await settle();
  return window;
}

it("names the transport and the place on a button, and lists each way with its word and a picture of its own", async () => {
  const { one, all, click } = await drawn(fakeWays.second(now));
  const button = one("section[data-state] button", "SSE");
  expect(button.textContent).toBe("SSE 2/4");
  expect(button.getAttribute("aria-label")).toContain("SSE 2/4");
  await click("section[data-state] button", "SSE");
  const said = all("[role=dialog] li").map(({ textContent }) => textContent ?? "");
  expect(said.map((text) => text.replace(/^.*?(SSE|WebSocket)/, "$1"))).toEqual([
    "SSE · failed last time",
    "SSE · in use",
    "SSE · ready",
    "WebSocket · ready",
  ]);
  const pictures = all("[role=dialog] li svg").map(({ innerHTML }) => innerHTML);
  expect(new Set(pictures).size).toBe(3);
  expect(one("[role=dialog] dl").textContent).toContain("3 events sent again after a reconnect, not kept twice");
  expect(one("[role=dialog] dl").textContent).toContain("proxy.office.example:3128");
  expect(one("[role=dialog] dl").textContent).toContain("nginx · HTTP/1.1");
});

it("has six standings with six pictures", async () => {
  const standings = ["ready", "failing", "parked", "mute", "out", "used"] as const;
  const candidates = standings.map((standing, at) => ({
    address: `https://${at}.example/`,
    transport: "sse" as const,
    standing,
  }));
  const { all, click } = await drawn({ candidates });
  await click("section[data-state] button", "SSE");
  expect(new Set(all("[role=dialog] li svg").map(({ innerHTML }) => innerHTML)).size).toBe(6);
  const looks = all("[role=dialog] li").map(({ dataset }) => [dataset["standing"], dataset["tone"]].join(" "));
  expect(looks).toEqual(["ready idle", "failing warn", "parked idle", "mute warn", "out bad", "used ok"]);
});

it("says of a single way only its transport, and nothing that is not there", async () => {
  const { one, all, click } = await drawn({ server: null, httpVersion: null });
  expect(one("section[data-state] button", "SSE").textContent).toBe("SSE");
  await click("section[data-state] button", "SSE");
  expect(all("[role=dialog] li")).toHaveLength(1);
  expect(all("[role=dialog] dl")).toEqual([]);
});

it("says who answered where a redirect led elsewhere", async () => {
  const { one, click } = await drawn({ endpoint: "https://elsewhere.example/stream" });
  await click("section[data-state] button", "SSE");
  expect(one("[role=dialog] dl").textContent).toContain("https://elsewhere.example/stream");
});

it("closes with Escape, and then keys of the window act again", async () => {
  const { all, click } = await drawn({});
  await click("section[data-state] button", "SSE");
  await act(async () => {
    const event = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
  });
  await settle();
  expect(all("[role=dialog]")).toEqual([]);
});

it("tells in the inspector by which transport and from where an event came", async () => {
  const { click, text } = await drawWindow({ now });
  await click("[role=grid] [role=row]:last-child");
  expect(text()).toContain("no. 7, SSE");
  expect(text()).toContain("https://api.shop.example/v1/orders/stream");
});
