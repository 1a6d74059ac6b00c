/** Redirects of a handshake: the same rules as for SSE, at the door of a WebSocket. */
import { expect, it, vi } from "vitest";
import { rawServer } from "../fakes/raw-server.ts";
import { accept, webSocketServer } from "../fakes/websocket-server.ts";
import { wsAttempt } from "./websocket-attempt.ts";

const mine = { headers: [["Authorization", "Bearer t"]] as const, lastEventId: "7" };
const moved = (to: string) => ({ Location: to, "Content-Length": "0" });

it.each(["http", "ws"])(
  "follows to another origin (%s:) without the user's headers and without the id",
  async (scheme) => {
    const { url, peers, server } = await webSocketServer((peer) => void peer.send("hello"));
    const door = await rawServer((talk) => void talk.answer("302 Found", moved(url.replace("ws", scheme))));
    const made = wsAttempt(door.url.replace("http", "ws"), mine);
    await made.until("events");
    expect(made.told.find(({ type }) => type === "opened")).toMatchObject({ answer: { address: url, askedFrom: "" } });
    expect(peers[0]?.talk.header("authorization")).toBe(null);
    expect(peers[0]?.talk.header("last-event-id")).toBe(null);
    expect(made.told.find(({ type }) => type === "events")).toMatchObject({ events: [{ lastEventId: "7" }] });
    await vi.waitFor(() => expect(door.open).toBe(0));
    made.connection.close();
    await vi.waitFor(() => expect(server.open).toBe(0));
  },
);

it("keeps headers and id within the origin, the id in the query where it belongs", async () => {
  const server = await rawServer((talk) => {
    if (talk.request.startsWith("GET /events")) talk.answer("307 Temporary", moved("/other?last=7"));
    else accept(talk).send("hello");
  });
  const made = wsAttempt(server.url.replace("http", "ws"), { ...mine, resumeQuery: "last" });
  await made.until("events");
  expect(server.talks.map(({ request }) => request.split(" ")[1])).toEqual(["/events?last=7", "/other?last=7"]);
  expect(server.talks[1]?.header("authorization")).toBe("Bearer t");
});

it.each([
  ["no-location", {}],
  ["loop", { Location: "/events" }],
  ["refused", { Location: "ftp://127.0.0.1/" }],
])("does not follow a redirect that is %s", async (why, headers) => {
  const server = await rawServer((talk) => void talk.answer("302 Found", { ...headers, "Content-Length": "0" }));
  const made = wsAttempt(server.url.replace("http", "ws"));
  expect(await made.evidence()).toMatchObject({ what: "redirect", why });
  await vi.waitFor(() => expect(server.open).toBe(0));
  expect(made.told.filter(({ type }) => type === "failed")).toHaveLength(1);
});

it("gives up after five", async () => {
  let next = 0;
  const server = await rawServer((talk) => void talk.answer("302 Found", moved(`/${++next}`)));
  const made = wsAttempt(server.url.replace("http", "ws"));
  expect(await made.evidence()).toMatchObject({ what: "redirect", why: "too-many" });
  expect(server.accepted).toBe(6);
});
