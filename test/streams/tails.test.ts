/** The window's question for news: answered when there is some, not sooner, and never too often. */
import { expect, it } from "vitest";
import type { Journal } from "../../main/io/ports.ts";
import { Tails } from "../../main/streams/tails.ts";
import type { Tail } from "../../preload/contract.ts";
import { followTail } from "../../renderer/events/tail-loop.ts";
import { settle, streamWorld } from "../fakes/stream-world.ts";
import { aMark, everything } from "../io/journal-samples.ts";

function watched() {
  const { clock, journal } = streamWorld();
  const collected: string[] = [];
  const tails = new Tails(journal, clock, (stream) => void collected.push(stream));
  const answers: { at: number; tail: Tail }[] = [];
  return {
    clock,
    answers,
    collected,
    /** So many records in each ms, for so long. */
    async torrent(perMs: number, ms: number) {
      for (let i = 0; i < ms; i++) {
        tails.changed("orders", perMs);
        await settle();
        await clock.advance(1);
      }
    },
    ask(ack: number, stream = "orders") {
      void tails
        .ask({ stream, ack, filter: everything, limit: 5 })
        .then((tail) => answers.push({ at: clock.mono(), tail }));
      return settle();
    },
    async record(stream = "orders") {
      await journal.append(stream, [aMark({ stream })], null);
      tails.changed(stream);
      await settle();
    },
    versions: () => answers.map(({ tail }) => tail.version),
  };
}

it("answers at once who has seen nothing, and who has seen something older", async () => {
  const { ask, record, clock, answers, versions } = watched();
  await ask(0);
  expect(answers.map(({ tail }) => [tail.version, tail.total])).toEqual([[1, 0]]);
  await clock.advance(1000);
  await record();
  await ask(1);
  expect(answers.at(-1)?.tail).toMatchObject({ version: 2, total: 1, rows: [{ mark: "opened" }] });
  await clock.advance(1000);
  await ask(1);
  expect(versions()).toEqual([1, 2, 2]);
});

it("lets who has seen everything wait for news, of his stream and no other", async () => {
  const { ask, record, clock, versions } = watched();
  await ask(0);
  await ask(1);
  await clock.advance(5000);
  await record("trades");
  await clock.advance(1000);
  expect(versions()).toEqual([1]);
  await record();
  await clock.advance(16);
  expect(versions()).toEqual([1, 2]);
});

it("answers never more often than every 4 ms, however much comes, and misses nothing of it", async () => {
  const { ask, record, clock, answers, versions } = watched();
  await ask(0);
  let asked = 1;
  await ask(1);
  for (let i = 0; i < 500; i++) {
    await record();
    await clock.advance(1);
    if (answers.length > asked) {
      asked = answers.length;
      await ask(versions().at(-1) ?? 0);
    }
  }
  await clock.advance(4);
  const gaps = answers.slice(1).map(({ at }, i) => at - (answers[i]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4);
  expect(answers.length).toBeGreaterThan(5);
  expect(answers.at(-1)?.tail).toMatchObject({ version: 501, total: 500 });
});

it("a stale question too waits for the rest of its pause", async () => {
  const { ask, record, clock, versions } = watched();
  await ask(0);
  await record();
  await ask(1);
  await clock.advance(3);
  expect(versions()).toEqual([1]);
  await clock.advance(1);
  await settle();
  expect(versions()).toEqual([1, 2]);
});

it("answers a torrent four times a second, and a stream that is merely busy as ever", async () => {
  const { ask, torrent, clock, answers, versions } = watched();
  await ask(0);
  await clock.advance(100);
  await ask(1);
  await torrent(59, 5);
  await ask(versions().at(-1) ?? 0);
  expect(versions()).toHaveLength(3);
  await ask(versions().at(-1) ?? 0);
  const from = answers.at(-1)?.at ?? 0;
  await torrent(61, 260);
  expect(answers.slice(3).map(({ at }) => at - from)).toEqual([250]);
});

it("answers when a torrent has paused for 8 ms, with all of it", async () => {
  const { ask, torrent, clock, answers, versions } = watched();
  await ask(0);
  await clock.advance(100);
  await ask(1);
  await torrent(100, 1);
  await ask(versions().at(-1) ?? 0);
  await torrent(100, 40);
  const [before, stopped] = [answers.length, clock.mono()];
  await clock.advance(16);
  await settle();
  expect(answers).toHaveLength(before + 1);
  expect((answers.at(-1)?.at ?? 0) - stopped).toBeLessThanOrEqual(16);
  expect(answers.at(-1)?.tail.version).toBe(42);
});

it("has what the stream keeps back for a moment given to the journal before it asks it", async () => {
  const { ask, record, clock, collected, versions } = watched();
  await ask(0);
  await ask(1);
  expect(collected).toEqual(["orders"]);
  await record();
  await clock.advance(4);
  await settle();
  expect([versions(), collected]).toEqual([
    [1, 2],
    ["orders", "orders"],
  ]);
});

it("one stream's pause is not another's", async () => {
  const { ask, record, versions } = watched();
  await record("trades");
  await ask(0);
  await ask(1, "trades");
  expect(versions()).toEqual([1, 2]);
});

it("answers after 20 s without news, with the version that was known, and leaves nothing behind", async () => {
  const { ask, record, clock, answers, versions } = watched();
  await ask(0);
  await record();
  await clock.advance(16);
  await ask(2);
  const at = clock.mono();
  await clock.advance(19_999);
  expect(versions()).toEqual([1]);
  await clock.advance(1);
  await settle();
  expect(answers.at(-1)).toMatchObject({ at: at + 20_000, tail: { version: 2, total: 1 } });
  await record();
  await clock.advance(60_000);
  expect([versions(), clock.timers]).toEqual([[1, 2], 0]);
});

it("what comes while the journal is being asked is news for the next question", async () => {
  const { clock, journal } = streamWorld();
  let answer = () => {};
  const slow = async (...question: Parameters<typeof journal.tail>) => {
    const found = await journal.tail(...question);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return found;
  };
  const tails = new Tails({ ...journal, tail: slow }, clock);
  const asked = tails.ask({ stream: "orders", ack: 0, filter: everything, limit: 5 });
  await settle();
  await journal.append("orders", [aMark()], null);
  tails.changed("orders");
  answer();
  const { version, total } = await asked;
  expect([version, total]).toEqual([1, 0]);
  const next = tails.ask({ stream: "orders", ack: version, filter: everything, limit: 5 });
  await clock.advance(16);
  await settle();
  answer();
  expect(await next).toMatchObject({ version: 2, total: 1 });
});

it("goes on asking while the search is not through, without waiting for news, and waits again when it is", async () => {
  const { clock, journal } = streamWorld();
  let left = 2;
  const searching: Journal["tail"] = async () => ({
    total: 9,
    matching: 9 - left,
    exact: left-- === 0,
    behind: 0,
    types: [],
    rows: [],
  });
  const tails = new Tails({ ...journal, tail: searching }, clock);
  const answers: Tail[] = [];
  const ask = async (ack: number) => {
    void tails.ask({ stream: "orders", ack, filter: everything, limit: 5 }).then((tail) => answers.push(tail));
    await settle();
    await clock.advance(16);
  };
  await ask(0);
  await ask(1);
  await ask(1);
  expect(answers.map(({ matching, exact }) => [matching, exact])).toEqual([
    [7, false],
    [8, false],
    [9, true],
  ]);
  await ask(1);
  expect(answers).toHaveLength(3);
});

it("brings a search to its end on the screen of a stream in which nothing comes, and then is quiet", async () => {
  const { clock, journal } = streamWorld();
  let [asked, left] = [0, 2];
  const searching: Journal["tail"] = async () => {
    asked++;
    const exact = left === 0;
    return { total: 9, matching: 9 - (exact ? 0 : left--), exact, behind: 0, types: [], rows: [] };
  };
  const tails = new Tails({ ...journal, tail: searching }, clock);
  const shown: [number, boolean][] = [];
  const end = followTail(
    { ask: (question) => tails.ask(question), frame: settle, drawn: settle, visible: settle, pause: settle },
    () => ({ stream: "orders", filter: everything, limit: 5 }),
    ({ matching, exact }) => shown.push([matching, exact]),
  );
  for (let frame = 0; frame < 20; frame++) {
    await settle();
    await settle();
    await clock.advance(16);
  }
  end();
  expect(shown).toEqual([
    [7, false],
    [8, false],
    [9, true],
  ]);
  expect(asked).toBe(3);
});

it("goes on with a search also when the question of another filter is answered in between", async () => {
  const { clock, journal } = streamWorld();
  const searching: Journal["tail"] = async (_stream, { text }) => {
    return { total: 9, matching: 1, exact: text === "", behind: 0, types: [], rows: [] };
  };
  const tails = new Tails({ ...journal, tail: searching }, clock);
  let answers = 0;
  const ask = async (text: string) => {
    const filter = { ...everything, text };
    void tails.ask({ stream: "orders", ack: 1, filter, limit: 5 }).then(() => answers++);
    await settle();
  };
  // Nothing comes: the whole list's question waits out its 20 s, and in its last moment a search has begun.
  await ask("");
  await clock.advance(19_990);
  void tails
    .ask({ stream: "orders", ack: 0, filter: { ...everything, text: "order" }, limit: 5 })
    .then(() => answers++);
  await settle();
  await clock.advance(40);
  await settle();
  expect(answers).toBe(2);
  await ask("order");
  await clock.advance(16);
  await settle();
  expect(answers).toBe(3);
});
