/** The long poll: one question at a time, a few answers a frame at most, never while hidden. */
import { expect, it } from "vitest";
import type { Tail } from "../../preload/contract.ts";
import { followTail, type TailQuestion } from "../../renderer/events/tail-loop.ts";

const answer = (version: number): Tail => ({
  version,
  total: 0,
  matching: version,
  exact: true,
  behind: 0,
  types: [],
  rows: [],
});

/** A world in which nothing happens until the test says so. */
function stillWorld() {
  const asked: TailQuestion[] = [];
  const answers: ((tail: Tail | Error) => void)[] = [];
  const gates = {
    frame: [] as (() => void)[],
    drawn: [] as (() => void)[],
    visible: [] as (() => void)[],
    pause: [] as (() => void)[],
  };
  let hidden = false;
  const gate = (name: keyof typeof gates) => (): Promise<void> =>
    name === "visible" && !hidden ? Promise.resolve() : new Promise((resolve) => gates[name].push(resolve));
  return {
    asked,
    hide: () => {
      hidden = true;
    },
    async open(name: keyof typeof gates) {
      if (name === "visible") hidden = false;
      for (const resolve of gates[name].splice(0)) resolve();
      await turn();
    },
    async answer(tail: Tail | Error) {
      answers.shift()?.(tail);
      await turn();
    },
    world: {
      ask: (question: TailQuestion) => {
        asked.push(question);
        return new Promise<Tail>((resolve, reject) =>
          answers.push((tail) => (tail instanceof Error ? reject(tail) : resolve(tail))),
        );
      },
      frame: gate("frame"),
      drawn: gate("drawn"),
      visible: gate("visible"),
      pause: gate("pause"),
    },
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const question = { stream: "orders", filter: { types: [], text: "", path: "", from: null, to: null }, limit: 80 };

it("asks again with the version as ack, and shows what came at once, so that the next frame finds it done", async () => {
  const still = stillWorld();
  const shown: number[] = [];
  followTail(
    still.world,
    () => question,
    (tail) => shown.push(tail.version),
  );
  await turn();
  expect(still.asked.map(({ ack }) => ack)).toEqual([-1]);
  await still.answer(answer(7));
  expect(shown).toEqual([7]);
  expect(still.asked.map(({ ack }) => ack)).toEqual([-1, 7]);
});

it("draws once a frame, then the newest of what came for the next, and asks no more when four answers came for one", async () => {
  const still = stillWorld();
  const shown: number[] = [];
  followTail(
    still.world,
    () => question,
    (tail) => shown.push(tail.version),
  );
  await turn();
  for (const version of [1, 2, 3, 4]) await still.answer(answer(version));
  expect([still.asked.length, shown]).toEqual([4, [1]]);
  await still.open("frame");
  expect([still.asked.length, shown]).toEqual([4, [1, 4]]);
  await still.open("frame");
  await still.open("drawn");
  expect(still.asked).toHaveLength(5);
});

it("asks when the frame is drawn while more than twenty rows come in one answer", async () => {
  const still = stillWorld();
  followTail(
    still.world,
    () => question,
    () => {},
  );
  await turn();
  await still.answer({ ...answer(1), total: 20 });
  expect(still.asked).toHaveLength(2);
  await still.open("frame");
  await still.answer({ ...answer(2), total: 41 });
  expect(still.asked).toHaveLength(2);
  await still.open("frame");
  expect(still.asked).toHaveLength(2);
  await still.open("drawn");
  expect(still.asked).toHaveLength(3);
});

it("hears of what could not be shown, and asks again after a little", async () => {
  const still = stillWorld();
  const heard: unknown[] = [];
  followTail(
    still.world,
    () => question,
    () => Promise.reject(new Error("no rows")),
    (error) => heard.push(error) > 1,
  );
  await turn();
  await still.answer(answer(1));
  await still.open("frame");
  expect(heard).toMatchObject([{ message: "no rows" }]);
  await still.open("pause");
  await still.open("frame");
  expect(heard).toHaveLength(2);
});

it("shows what came while the answer before it was still being shown, though nothing comes after it", async () => {
  const still = stillWorld();
  const shown: number[] = [];
  let done = (): void => {};
  followTail(
    still.world,
    () => question,
    async (tail) => {
      shown.push(tail.version);
      await new Promise<void>((resolve) => {
        done = resolve;
      });
    },
  );
  await turn();
  await still.answer(answer(1));
  await still.open("frame");
  await still.answer(answer(2));
  done();
  await turn();
  await still.open("frame");
  expect(shown).toEqual([1, 2]);
});

it("shows nothing when the wait ended without news", async () => {
  const still = stillWorld();
  const shown: number[] = [];
  followTail(
    still.world,
    () => question,
    (tail) => shown.push(tail.version),
  );
  await turn();
  for (const version of [7, 7]) {
    await still.answer(answer(version));
    await still.open("frame");
  }
  expect(shown).toEqual([7]);
  expect(still.asked).toHaveLength(3);
});

it("shows what a search says that goes on without news, up to the answer that is exact", async () => {
  const still = stillWorld();
  const shown: [number, boolean][] = [];
  followTail(
    still.world,
    () => question,
    ({ matching, exact }) => shown.push([matching, exact]),
  );
  await turn();
  for (const [matching, exact] of [
    [1, false],
    [2, false],
    [3, true],
    [3, true],
  ] as const) {
    await still.answer({ ...answer(7), matching, exact });
    await still.open("frame");
    await still.open("drawn");
  }
  expect(shown).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
});

it("asks nothing while the window is hidden, and goes on when it is seen", async () => {
  const still = stillWorld();
  followTail(
    still.world,
    () => question,
    () => {},
  );
  await turn();
  still.hide();
  await still.answer(answer(1));
  await still.open("frame");
  await turn();
  expect(still.asked).toHaveLength(1);
  await still.open("visible");
  expect(still.asked.map(({ ack }) => ack)).toEqual([-1, 1]);
});

it("waits a little after a question that failed", async () => {
  const still = stillWorld();
  followTail(
    still.world,
    () => question,
    () => {},
  );
  await turn();
  await still.answer(new Error("refused"));
  expect(still.asked).toHaveLength(1);
  await still.open("pause");
  expect(still.asked).toHaveLength(2);
});

it("shows nothing and asks nothing after its end", async () => {
  const still = stillWorld();
  const shown: number[] = [];
  const end = followTail(
    still.world,
    () => question,
    (tail) => shown.push(tail.version),
  );
  await turn();
  end();
  await still.answer(answer(1));
  await still.open("frame");
  expect(shown).toEqual([]);
  expect(still.asked).toHaveLength(1);
});
