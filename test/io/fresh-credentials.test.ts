import { expect, it, onTestFinished } from "vitest";
import { createFreshCredentials, isProtectedEnough } from "../../main/io/auth/fresh-credentials.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { rawServer } from "../fakes/raw-server.ts";

/** A server whose tokens are numbered, and credentials that ask it. */
async function tokens() {
  const server = await rawServer((talk) => {
    const body = `{"access_token":"t${talk.number}","expires_in":3600}`;
    talk.answer("200 OK", { "Content-Type": "application/json", "Content-Length": `${body.length}` }).send(body);
  });
  const all = createFreshCredentials({ clock: systemClock, userAgent: "test" });
  onTestFinished(() => all.close());
  const refresh = { kind: "refresh", url: server.url, method: "POST", as: "bearer" } as const;
  return { server, all, refresh };
}
const endpoint = { url: "http://127.0.0.1:1/events" };

it("shares one token among the endpoints of one address, and one new one when all are refused", async () => {
  const { server, all, refresh } = await tokens();
  const [a, b] = [
    all.of(refresh, endpoint, () => "s"),
    all.of({ ...refresh }, { url: "http://b.example/" }, () => "s"),
  ];
  expect(await Promise.all([a.fresh(), b.fresh(), a.fresh()])).toEqual(["t1", "t1", "t1"]);
  a.refused();
  expect(await a.fresh()).toBe("t2");
  // This one was refused with the first token, which has been replaced meanwhile.
  b.refused();
  expect(await b.fresh()).toBe("t2");
  expect(server.talks).toHaveLength(2);
});

it("asks for each secret apart, and anew when the secret is another", async () => {
  const { server, all, refresh } = await tokens();
  let secret: string | null = "one";
  const a = all.of(refresh, endpoint, () => secret);
  const b = all.of(refresh, endpoint, () => "two");
  expect([await a.fresh(), await b.fresh()]).toEqual(["t1", "t2"]);
  secret = null;
  expect(await a.fresh()).toBe("t3");
  expect(server.talks.map((talk) => talk.header("authorization"))).toEqual(["Bearer one", "Bearer two", null]);
});

it("runs a command once for all that name it", async () => {
  const { all } = await tokens();
  const argv = [process.execPath, "-e", "console.log(process.pid)"];
  const [a, b] = [0, 1].map(() => all.of({ kind: "command", argv: [...argv] }, endpoint, () => null));
  const [one, other] = await Promise.all([a?.fresh(), b?.fresh()]);
  expect(one).toMatch(/^\d+$/);
  expect(other).toBe(one);
  b?.refused();
  expect(await b?.fresh()).not.toBe(one);
});

it("runs a command that says nothing of its token's life at every attempt, together for those who connect together", async () => {
  const { all } = await tokens();
  const argv = [process.execPath, "-e", "console.log(process.pid)"];
  const [a, b] = [0, 1].map(() => all.of({ kind: "command", argv }, endpoint, () => null));
  const first = [await a?.fresh(), await b?.fresh()];
  const second = [await a?.fresh(), await b?.fresh()];
  expect([new Set(first).size, new Set(second).size, new Set([...first, ...second]).size]).toEqual([1, 1, 2]);
});

it("ends the oldest question when there are too many to remember", async () => {
  const server = await rawServer(() => {});
  const all = createFreshCredentials({ clock: systemClock, userAgent: "test", maxSources: 1 });
  onTestFinished(() => all.close());
  const ask = (secret: string) =>
    all
      .of({ kind: "refresh", url: server.url, method: "GET", as: "bearer" }, endpoint, () => secret)
      .fresh()
      .catch((reason: unknown) => reason);
  const [oldest] = [ask("one"), ask("two")];
  expect(await oldest).toMatchObject({ message: "closed" });
});

it("asks nobody in the clear for a token that travels encrypted", async () => {
  const { server, all, refresh } = await tokens();
  const one = all.of(refresh, { url: "https://a.example/events" }, () => "s");
  await expect(one.fresh()).rejects.toMatchObject({ name: "CredentialError", message: "less-protected" });
  expect(server.accepted).toBe(0);
});

it.each([
  ["https://auth.example/t", "https://a.example/", true],
  ["https://auth.example/t", "http://a.example/", true],
  ["http://auth.example/t", "http://a.example/", true],
  ["http://auth.example/t", "ws://a.example/", true],
  ["http://auth.example/t", "https://a.example/", false],
  ["HTTP://auth.example/t", "wss://a.example/", false],
  ["file:///etc/passwd", "http://a.example/", false],
  ["ftp://auth.example/t", "http://a.example/", false],
  ["auth.example", "http://a.example/", false],
])("%s may give a token for %s: %s", (refresh, stream, may) => {
  expect(isProtectedEnough(refresh, stream)).toBe(may);
});

it("does nothing when somebody is refused who was never given anything", async () => {
  const { all, refresh } = await tokens();
  expect(() => all.of(refresh, endpoint, () => null).refused()).not.toThrow();
});

it("ends the question under way when all is over", async () => {
  const server = await rawServer(() => {});
  const all = createFreshCredentials({ clock: systemClock, userAgent: "test" });
  const one = all.of({ kind: "refresh", url: server.url, method: "GET", as: "bearer" }, endpoint, () => null);
  const error = one.fresh().catch((reason: unknown) => reason);
  await expect.poll(() => server.talks.length).toBe(1);
  all.close();
  expect(await error).toMatchObject({ message: "closed" });
  await expect.poll(() => server.open).toBe(0);
});
