/** `watch` on real sockets: what a server asks for is kept to, and a server that dies at once again and again is not stormed. */
import { expect, it } from "vitest";
import { rawServer, type Script, type Talk } from "../fakes/raw-server.ts";
import { watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const inSeconds = (seconds: number) => () => ({ "Retry-After": `${seconds}` });
/** By the server's own clock, which may be wrong by years. */
const asDate = (seconds: number, offMs: number) => () => {
  const now = Date.now() + offMs;
  const later = new Date(Math.floor(now / 1000) * 1000 + seconds * 1000);
  return { Date: new Date(now).toUTCString(), "Retry-After": later.toUTCString() };
};
const yearMs = 365 * 86_400_000;

type Wish = readonly [what: string, status: string, seconds: number, headers: () => Record<string, string>];
const wishes: readonly Wish[] = [
  ["429 with seconds", "429 Too Many Requests", 2, inSeconds(2)],
  ["503 with seconds", "503 Service Unavailable", 2, inSeconds(2)],
  ["429 with a date", "429 Too Many Requests", 3, asDate(3, 0)],
  ["503 with a date of a clock that is a year slow", "503 Service Unavailable", 3, asDate(3, -yearMs)],
];

async function comesBack([what, status, seconds, headers]: Wish): Promise<void> {
  const asked: number[] = [];
  const server = await rawServer((talk) => {
    asked.push(performance.now());
    if (talk.number > 1) talk.stream().chunk("id: 1\ndata: x\n\n");
    else talk.answer(status, { "Content-Length": "0", ...headers() });
  });
  const program = watch(server.url, "--max-events", "1", ...quickly());
  expect(await program.exited, what).toBe(0);
  const waitedMs = (asked[1] ?? 0) - (asked[0] ?? 0);
  expect(waitedMs, what).toBeGreaterThanOrEqual(seconds * 1000);
  // Spread over a quarter of the wish, and what a busy machine takes.
  expect(waitedMs, what).toBeLessThan(seconds * 1250 + 2000);
  const { failure, retryInMs } = program.states.find(({ phase }) => phase === "waiting") ?? {};
  expect(failure?.status, what).toBe(Number(status.slice(0, 3)));
  expect(retryInMs, what).toBeGreaterThanOrEqual(seconds * 1000);
}

it("comes back after 429 and 503 when it was asked to, in seconds or by a date, and a little later", async () => {
  await Promise.all(wishes.map(comesBack));
});

it("asks no other path of a server that asked to be left alone", async () => {
  const asked: number[] = [];
  const server = await rawServer((talk) => {
    asked.push(performance.now());
    if (talk.number > 2) talk.stream().chunk("id: 1\ndata: x\n\n");
    // After its second failure the first path would be left for the other one.
    else
      talk.answer("503 Service Unavailable", { "Content-Length": "0", ...(talk.number === 2 ? inSeconds(2)() : {}) });
  });
  const program = watch(server.url, "--endpoint", `${server.url}/second`, "--max-events", "1", ...quickly());
  expect(await program.exited).toBe(0);
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeLessThan(2000);
  expect((asked[2] ?? 0) - (asked[1] ?? 0)).toBeGreaterThanOrEqual(2000);
});

const dying =
  (first: (talk: Talk) => void, end: (talk: Talk) => void): Script =>
  (talk) => {
    first(talk);
    setTimeout(() => end(talk), 100);
  };
const begin = (talk: Talk) => void talk.stream();
const speak = (talk: Talk) => void talk.stream().chunk(`retry: 1\nid: ${talk.number}\ndata: x\n\n`);
const finish = (talk: Talk) => void talk.send("0\r\n\r\n");

// The most impatient policy that there can be: what holds it back is only our own pace of eight a minute.
const impatient = { firstMs: 100, capMs: 100, factor: 1, attempts: 100 };
const greedy = { NETWORK: impatient, AUTH: impatient, SERVER: impatient, PROXY: impatient, strict: true };

// How often each is asked within 12 s: at least and at most.
const dyings: readonly (readonly [what: string, script: Script, policy: object | null, least: number, most: number])[] =
  [
    ["opens and ends", dying(begin, finish), null, 1, 3],
    ["opens and resets", dying(begin, ({ socket }) => void socket.resetAndDestroy()), null, 1, 8],
    ["opens and ends, by a greedy policy", dying(begin, finish), greedy, 8, 8],
    ["brings an event with retry: 1 and ends, by a greedy policy", dying(speak, finish), greedy, 4, 8],
  ];

it("is no storm to a server that opens and dies after 100 ms, again and again", { timeout: 40_000 }, async () => {
  await Promise.all(
    dyings.map(async ([what, script, policy, least, most]) => {
      const server = await rawServer(script);
      const program = watch(server.url, "--for", "12000", ...(policy === null ? [] : quickly(policy)));
      expect(await program.exited, what).toBe(0);
      expect(server.accepted, what).toBeGreaterThanOrEqual(least);
      expect(server.accepted, what).toBeLessThanOrEqual(most);
    }),
  );
});
