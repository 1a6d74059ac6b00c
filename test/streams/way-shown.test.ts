/** What main tells the window of a wait's reason and of the way an opening took. */
import { expect, it } from "vitest";
import { presentStream } from "../../main/streams/present.ts";
import { refused, status } from "../core/play.ts";
import { aPlan } from "../fakes/stream-world.ts";
import { address, aStream, further, grouped } from "./held-stream.ts";

type Run = ReturnType<typeof aStream>;

const view = ({ stream }: Run) => presentStream("Orders", stream, [], "ok");

it("of a wait: its rule, and what the server asked for where that made it", async () => {
  const run = aStream({ plan: aPlan({ url: address }) });
  (await run.begin()).fails(status(503, 70_000));
  expect(view(run)).toMatchObject({ retryRule: "floor", retryAskedMs: 70_000 });
  (await run.retries()).opens();
  expect(view(run)).toMatchObject({ phase: "open", retryRule: null, retryAskedMs: null });
});

it("of a wait by its own rule: nothing that a server would have asked for", async () => {
  const run = aStream({ plan: aPlan(grouped) });
  (await run.begin()).fails(refused);
  expect(view(run)).toMatchObject({ retryRule: "next-candidate", retryAskedMs: null, endpoint: further });
});

it("of openings: the place each took, and the moves between them", async () => {
  const run = aStream({ plan: aPlan(grouped) });
  (await run.begin()).opens();
  (await run.redials()).fails(refused);
  (await run.retries()).opens();
  (await run.redials()).opens();
  const opened = (await run.marks()).filter(({ mark }) => mark === "opened");
  expect(opened.map(({ params: { place, move } }) => [place, move])).toEqual([
    [1, undefined],
    [2, "failover"],
    [1, "failback"],
  ]);
});

it("of the openings of a single way: no place, as there is none", async () => {
  const run = aStream({ plan: aPlan({ url: address }) });
  (await run.begin()).opens();
  expect((await run.marks())[0]?.params).toEqual({ headersMs: 30 });
});
