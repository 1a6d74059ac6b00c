import { expect, it } from "vitest";
import type { Clock } from "../../main/io/ports.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { fakeClock } from "../fakes/stream-world.ts";

it("lets four go at once and the others in the order of asking, four in a second", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const from = clock.mono();
  const left: [who: number, afterMs: number][] = [];
  for (let who = 0; who < 10; who++) turns.ask(() => left.push([who, clock.mono() - from]) > 0);
  expect(left.map(([who]) => who)).toEqual([0, 1, 2, 3]);
  await clock.advance(5000);
  expect(left.map(([who]) => who)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(left.map(([, at]) => at)).toEqual([0, 0, 0, 0, 1001, 1001, 1001, 1001, 2002, 2002]);
  expect(clock.timers).toBe(0);
});

it("gives the turn of who goes home to the next, so that asking again and again delays nobody", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const left: string[] = [];
  for (let n = 0; n < 4; n++) turns.ask(() => true);
  for (let n = 0; n < 50; n++) turns.ask(() => left.push("given up") > 0)();
  turns.ask(() => left.push("patient") > 0);
  await clock.advance(1001);
  expect(left).toEqual(["patient"]);
});

it("does not let all go together that became due while the loop stood still", async () => {
  const base = fakeClock();
  let stalledMs = 0;
  const clock: Clock = { ...base, mono: () => base.mono() + stalledMs };
  const turns = createDialTurns(clock);
  const left: number[] = [];
  for (let who = 0; who < 12; who++) turns.ask(() => left.push(clock.mono()) > 0);
  stalledMs = 20_000;
  await base.advance(1001);
  expect(left).toHaveLength(8);
  await base.advance(1001);
  expect(left).toHaveLength(12);
});

it("calls nobody after its end, and leaves no timer", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const left: number[] = [];
  for (let who = 0; who < 6; who++) turns.ask(() => left.push(who) > 0);
  turns.close();
  await clock.advance(5000);
  expect(left).toHaveLength(4);
  expect(clock.timers).toBe(0);
});

it("lets one ask again while he goes, with one timer for all", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const left: string[] = [];
  for (let n = 0; n < 3; n++) turns.ask(() => true);
  turns.ask(() => {
    left.push("first");
    turns.ask(() => left.push("again") > 0);
    return true;
  });
  expect([left, clock.timers]).toEqual([["first"], 1]);
  await clock.advance(1001);
  expect([left, clock.timers]).toEqual([["first", "again"], 0]);
});

it("costs nobody a turn when somebody, asked to leave, does not want to any more", async () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  const left: number[] = [];
  for (let n = 0; n < 20; n++) turns.ask(() => false);
  for (let who = 0; who < 5; who++) turns.ask(() => left.push(who) > 0);
  expect(left).toEqual([0, 1, 2, 3]);
  await clock.advance(1001);
  expect(left).toEqual([0, 1, 2, 3, 4]);
});

it("leaves no timer when the last of the line goes home", () => {
  const clock = fakeClock();
  const turns = createDialTurns(clock);
  for (let n = 0; n < 4; n++) turns.ask(() => true);
  const end = turns.ask(() => true);
  expect(clock.timers).toBe(1);
  end();
  expect(clock.timers).toBe(0);
});

it("goes on after one whose leaving failed", () => {
  const turns = createDialTurns(fakeClock());
  const left: string[] = [];
  expect(() =>
    turns.ask(() => {
      turns.ask(() => left.push("second") > 0);
      throw new Error("no way");
    }),
  ).toThrow("no way");
  turns.ask(() => left.push("third") > 0);
  expect(left).toEqual(["second", "third"]);
});
