/** Redirects on real sockets: what is followed, how far, and what may travel along. */
import { expect, it } from "vitest";
import type { Target } from "../../main/io/ports.ts";
import { follow } from "../../main/io/sse/redirects.ts";
import { attempt } from "../fakes/attempt.ts";
import { type RawServer, rawServer, type Script, type Talk } from "../fakes/raw-server.ts";

const codes = [301, 302, 303, 307, 308];
const to =
  (location: string | null, code = 302): Script =>
  (talk) =>
    void talk.answer(`${code} Moved`, { ...(location === null ? {} : { Location: location }), "Content-Length": "0" });
const arrive = (talk: Talk) => void talk.stream().chunk("data: here\n\n");
const secrets: [string, string][] = [
  "Authorization",
  "Cookie",
  "Proxy-Authorization",
  "X-Api-Key",
  "X-Auth-Token",
  "X-Custom",
].map((name) => [name, "s3cret"]);
const asking = { headers: secrets, lastEventId: "42" };

it.each(codes)("a %s to another port gets no header of the user's and no id, and says so", async (code) => {
  const other = await rawServer(arrive);
  const first = await rawServer(to(other.url, code));
  const { answer } = await attempt(first.url, asking).until("opened");
  expect(answer).toMatchObject({ address: other.url, askedFrom: "" });
  const { request } = other.talks[0] as Talk;
  expect(request).not.toMatch(/s3cret|last-event-id|x-|authorization|cookie/i);
  expect(request).toMatch(/accept: text\/event-stream/i);
});
it.each(codes)("a %s within the origin keeps them", async (code) => {
  const server: RawServer = await rawServer((talk) =>
    talk.number === 1 ? to("/moved?x=1", code)(talk) : arrive(talk),
  );
  const { answer } = await attempt(server.url, asking).until("opened");
  expect(answer).toMatchObject({ address: server.url.replace("/events", "/moved"), askedFrom: "42" });
  const moved = server.talks[1] as Talk;
  expect(moved.request).toMatch(/^GET \/moved\?x=1 /);
  expect(moved.request.match(/s3cret/g)).toHaveLength(secrets.length);
  expect(moved.header("last-event-id")).toBe("42");
});
it("keeps the id it goes on from, though another origin was not told it", async () => {
  const other = await rawServer(arrive);
  const one = attempt((await rawServer(to(other.url))).url, asking);
  expect((await one.until("events")).events[0]?.lastEventId).toBe("42");
});
it("does not take secrets back to the origin that sent it away", async () => {
  const back = await rawServer((talk) => (talk.number === 1 ? to(away.url)(talk) : arrive(talk)));
  const away: RawServer = await rawServer((talk) => to(`${back.url}2`)(talk));
  await attempt(back.url, asking).until("opened");
  expect(back.talks[1]?.request).not.toMatch(/s3cret/);
});

it.each([
  ["to itself", 1],
  ["in a circle of two", 2],
])("ends a redirect %s", async (_, size) => {
  const server = await rawServer((talk) => to(`/events${talk.number % size === 0 ? "" : "2"}`)(talk));
  expect(await attempt(server.url).evidence()).toMatchObject({ what: "redirect", why: "loop" });
  expect(server.talks).toHaveLength(size);
  await expect.poll(() => server.open).toBe(0);
});
it.each([
  [5, "opened"],
  [6, "too-many"],
])("follows five redirects, not six: after %s it is %s", async (count, becomes) => {
  const server = await rawServer((talk) => (talk.number > count ? arrive(talk) : to(`/${talk.number}`)(talk)));
  const one = attempt(server.url);
  if (becomes === "opened") await one.until("opened");
  else expect(await one.evidence()).toMatchObject({ what: "redirect", why: becomes });
  expect([server.talks.length, server.accepted]).toEqual([6, 6]);
});
it.each([
  [null, "no-location"],
  ["file:///etc/passwd", "refused"],
  ["data:text/event-stream,data:%20x%0A%0A", "refused"],
  ["javascript:alert(1)", "refused"],
  ["http://", "refused"],
  ["ftp://127.0.0.1/", "refused"],
])("does not follow to %s", async (location, why) => {
  const server = await rawServer(to(location));
  expect(await attempt(server.url).evidence()).toMatchObject({ what: "redirect", why });
});

const target: Target = {
  url: "https://a.example/events",
  method: "GET",
  body: null,
  headers: secrets,
  lastEventId: "42",
  resumeQuery: null,
  frames: "auto",
};
const followed = (change: Partial<Target>, code: number, location: string) => {
  const whole = { ...target, ...change };
  return follow(whole, code, location, [whole.url]);
};
it("leaves https only for https", () => {
  expect(followed({}, 302, "http://a.example/")).toMatchObject({ evidence: { why: "refused" } });
  expect(followed({}, 302, "//b.example/x")).toMatchObject({ target: { url: "https://b.example/x", headers: [] } });
  expect(followed({ url: "http://a.example/" }, 302, "https://a.example/")).toMatchObject({
    target: { headers: [], lastEventId: "" },
  });
});
it.each([
  ["https://a.example:443/y", "https://a.example/y"],
  ["HTTPS://A.EXAMPLE/y", "https://a.example/y"],
  ["https://u:p@a.example/y", "https://a.example/y"],
])("knows its own origin in %s", (location, url) => {
  expect(followed({}, 302, location)).toMatchObject({ target: { url, headers: secrets, lastEventId: "42" } });
});
it("knows its own origin however the user wrote it", () => {
  expect(followed({ url: "https://A.example:443/events" }, 302, "https://a.example/y")).toMatchObject({
    target: { headers: secrets },
  });
});
it.each(["https://a.example.evil/", "https://a.example:444/", "https://a.example@evil/", "https://evil/a.example"])(
  "takes %s for another",
  (location) => {
    expect(followed({}, 302, location)).toMatchObject({ target: { headers: [], lastEventId: "" } });
  },
);
it.each([
  [301, "GET", null],
  [302, "GET", null],
  [303, "GET", null],
  [307, "POST", "b"],
  [308, "POST", "b"],
])("a %s makes of a POST within the origin a %s", (code, method, body) => {
  expect(followed({ method: "POST", body: "b" }, code, "/y")).toMatchObject({ target: { method, body } });
});
it.each([307, 308])("a %s takes no body to another origin", (code) => {
  expect(followed({ method: "POST", body: "b" }, code, "https://b.example/")).toMatchObject({
    evidence: { why: "refused" },
  });
});
it("names no credentials of the address it did not follow", () => {
  expect(JSON.stringify(followed({}, 302, "http://u:s3@b/?token=s3"))).not.toContain("s3");
});
