/** What an opening says of the way it took. */
import { expect, it } from "vitest";
import type { Candidate } from "../../main/core/connection/connection-state.ts";
import { wayTaken } from "../../main/core/connection/way-taken.ts";

const way = (transport: Candidate["transport"], key: string): Candidate => ({
  key,
  transport,
  origin: "https://a.example",
  freshCredential: false,
  credential: "",
});
const candidates = [way("sse", "a"), way("sse", "b"), way("websocket", "c")];
const ordered = { candidates, balance: false, discover: false };

it.each<[before: number | null, now: number, said: ReturnType<typeof wayTaken>, why: string]>([
  [null, 1, { place: 2 }, "the first opening of this run"],
  [1, 1, { place: 2 }, "the same way again"],
  [0, 1, { place: 2, move: "failover" }, "another address"],
  [1, 0, { place: 1, move: "failback" }, "a preferred address"],
  [1, 2, { place: 3, move: "fallback" }, "WebSocket after SSE"],
  [2, 1, { place: 2, move: "failback" }, "SSE after WebSocket"],
])("after %s calls %s %j: %s", (before, now, said) => {
  expect(wayTaken(ordered, before, now)).toEqual(said);
});

it("knows no place and no preferred address where quality chooses, yet SSE before WebSocket", () => {
  expect(wayTaken({ ...ordered, balance: true }, 1, 0)).toEqual({ move: "failover" });
  expect(wayTaken({ ...ordered, balance: true }, 2, 0)).toEqual({ move: "failback" });
});

it("knows no place among paths that were guessed", () => {
  expect(wayTaken({ ...ordered, discover: true }, null, 1)).toEqual({});
});
