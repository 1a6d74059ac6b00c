/** A token that the server takes no longer, on real sockets: another one is fetched, and the stream goes on where it was. */
import { expect, it, onTestFinished } from "vitest";
import { CredentialError } from "../../main/io/auth/credential-error.ts";
import { createFreshCredentials } from "../../main/io/auth/fresh-credentials.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { aPlan, ending, fakeJournal, fakeTransport } from "../fakes/stream-world.ts";
import { aStream } from "./held-stream.ts";

it("after a 401 fetches another token and goes on from its id, without halting", async () => {
  let valid = 1;
  const tokens = await rawServer((talk) => {
    const body = JSON.stringify({ access_token: `token-${talk.number}`, expires_in: 3600 });
    talk.answer("200 OK", { "Content-Type": "application/json", "Content-Length": `${body.length}` }).send(body);
  });
  const server = await rawServer((talk) => {
    if (talk.header("authorization") !== `Bearer token-${valid}`) {
      talk.answer("401 Unauthorized", { "Content-Length": "0" });
      return;
    }
    talk.stream().chunk(`id: ${valid}\ndata: x\n\n`);
    // The token is taken back, and with it the connection: once, since the machine is slow to dial after four attempts.
    if (valid === 2) return;
    setTimeout(() => {
      valid++;
      talk.send("0\r\n\r\n");
    }, 50);
  });
  const fresh = createFreshCredentials({ clock: systemClock, userAgent: "Holdfast/test" });
  onTestFinished(() => fresh.close());
  const credential = { kind: "refresh", url: tokens.url, method: "GET", as: "bearer" } as const;
  const { policy, routes } = aPlan({ url: server.url, credential }, fresh.of);
  const quick = { firstMs: 100, capMs: 100, factor: 1, attempts: 5 };
  const plan = { policy: { ...policy, strategies: { ...policy.strategies, PROXY: quick, AUTH: quick } }, routes };
  const world = {
    clock: systemClock,
    random: () => 0,
    transports: { sse: createSseTransport({ userAgent: "Holdfast/test", utc: Date.now }), websocket: fakeTransport() },
    turns: createDialTurns(systemClock),
    journal: fakeJournal(),
    memory: { worked: () => [], noteWorked: () => {}, remember: () => {} },
  };
  const stream = ending(new Stream({ id: "s", plan, lastEventId: "", source: "settings" }, world, {}, 0));
  stream.start();
  await expect.poll(() => stream.facts.lastEventId, { timeout: 10_000 }).toBe("2");
  expect(server.talks.map((talk) => [talk.header("authorization"), talk.header("last-event-id")])).toEqual([
    ["Bearer token-1", null],
    ["Bearer token-1", "1"],
    ["Bearer token-2", "1"],
  ]);
  expect(tokens.talks).toHaveLength(2);
  expect(stream.state.link.phase).toBe("open");
});

it("asks a token's address again no sooner than it wishes", async () => {
  const refusing = () => Promise.reject(new CredentialError("status", 503, 7000));
  const credential = { kind: "refresh", url: "https://id.example/", method: "GET", as: "bearer" } as const;
  const { stream, clock } = aStream({ plan: aPlan({ credential }, () => ({ fresh: refusing, refused: () => {} })) });
  stream.start();
  await clock.advance(30);
  expect(stream.facts.lastFailure).toMatchObject({ kind: "credential-failed", retryAfterMs: 7000 });
});
