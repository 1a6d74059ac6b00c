import { expect, it } from "vitest";
import { contentPrint, idPrint } from "../../main/core/events/fingerprint.ts";
import { admit, createOnce, type Once, opened, seed } from "../../main/core/events/once.ts";
import { seeded } from "../io/seeded.ts";

const event = (id: string | null, data = `data of ${id}`, type = "message") => ({ id, type, data });
const verdicts = (once: Once, ...events: ReturnType<typeof event>[]) => events.map((one) => admit(once, one));

/** Has seen ids 1 to 5 over a connection that is gone; the next one is open. */
function reconnectedAfterFive(): Once {
  const once = createOnce();
  opened(once);
  verdicts(once, ...["1", "2", "3", "4", "5"].map((id) => event(id)));
  opened(once);
  return once;
}

it("drops and counts what comes again after a reconnect, up to the first unseen id", () => {
  const once = reconnectedAfterFive();
  const again = verdicts(once, event("4"), event("5"), event("6"), event("5"), event("6"));
  expect(again).toEqual(["duplicate", "duplicate", "new", "new", "new"]);
  expect(once.dropped).toBe(2);
});

it("drops nothing within a connection, whatever is said twice", () => {
  const once = createOnce();
  opened(once);
  expect(verdicts(once, event("1"), event("1"), event("2"), event("1"))).toEqual(["new", "new", "new", "new"]);
  expect(once.dropped).toBe(0);
});

it("looks again after each reconnect, also for what came in between", () => {
  const once = reconnectedAfterFive();
  verdicts(once, event("5"), event("6"));
  opened(once);
  expect(verdicts(once, event("5"), event("6"), event("7"))).toEqual(["duplicate", "duplicate", "new"]);
});

it.each([
  ["data", event("5", "something else")],
  ["type", event("5", "data of 5", "price")],
])("keeps and marks a known id with other %s, and goes on looking", (_, other) => {
  const once = reconnectedAfterFive();
  expect(verdicts(once, event("4"), other, event("5"), other)).toEqual([
    "duplicate",
    "reused",
    "duplicate",
    // By now this content is in the journal too.
    "duplicate",
  ]);
});

it("marks no id within a connection: several events may share one", () => {
  const once = reconnectedAfterFive();
  expect(verdicts(once, event("6", "a"), event("6", "b"), event("6", "c"))).toEqual(["new", "new", "new"]);
  opened(once);
  expect(verdicts(once, event("6", "b"), event("6", "c"), event("6", "d"), event("7"))).toEqual([
    "duplicate",
    "duplicate",
    "reused",
    "new",
  ]);
});

it.each([[null], [""]])("takes a block with the id %j for new, and goes on looking after it", (id) => {
  const once = reconnectedAfterFive();
  expect(verdicts(once, event(id, "x"), event("5"), event(id, "x"), event("6"))).toEqual([
    "new",
    "duplicate",
    "new",
    "new",
  ]);
});

it("knows from the journal what an earlier run has seen, and only that", () => {
  const once = reconnectedAfterFive();
  seed(once, Float64Array.of(idPrint("5"), contentPrint("message", "data of 5")));
  // 4 was taken in and could not be kept: it has to come again.
  expect(verdicts(once, event("5"), event("4"), event("3"))).toEqual(["duplicate", "new", "new"]);
});

it("forgets what it knew for what the journal has, and has all its room again", () => {
  const once = createOnce(1000);
  const all = Array.from({ length: 900 }, (_, n) => event(String(n)));
  verdicts(once, ...all);
  seed(once, new Float64Array(0));
  expect(verdicts(once, ...all).filter((verdict) => verdict === "new")).toHaveLength(900);
  opened(once);
  expect(verdicts(once, ...all).filter((verdict) => verdict === "duplicate")).toHaveLength(900);
});

it("remembers the newest ids and forgets the oldest", () => {
  const once = createOnce(100);
  for (let n = 1; n <= 250; n++) admit(once, event(String(n)));
  const knows = (n: number) => {
    opened(once);
    return admit(structuredClone(once), event(String(n))) === "duplicate";
  };
  expect(Array.from({ length: 250 }, (_, n) => n + 1).filter(knows)).toEqual(
    Array.from({ length: 100 }, (_, n) => n + 151),
  );
});

it("takes of the journal what it can hold, the newest", () => {
  const once = createOnce(3);
  const known = ["1", "2", "3", "4", "5"].flatMap((id) => [idPrint(id), contentPrint("message", `data of ${id}`)]);
  seed(once, Float64Array.from(known));
  opened(once);
  expect(verdicts(once, event("5"), event("4"), event("3"), event("2"))).toEqual([
    "duplicate",
    "duplicate",
    "duplicate",
    "new",
  ]);
});

it("needs 37 bytes an id when it is full, 2 kB when nothing has an id, and no more however long it runs", () => {
  const once = createOnce();
  const size = () => [once.ids, once.contents, once.byPair, once.byId].reduce((sum, part) => sum + part.byteLength, 0);
  for (let n = 0; n < 1000; n++) admit(once, event(null));
  expect(size()).toBe(2048);
  for (let n = 0; n < 120_000; n++) admit(once, event(String(n), "x"));
  expect(size() / 50_000).toBeLessThan(37.5);
});

it("is not slowed down by a server that has one id for everything", () => {
  const once = createOnce();
  // Were they one chain, this would be 1.8 × 10⁹ steps.
  for (let n = 0; n < 60_000; n++) admit(once, event("same", String(n)));
  opened(once);
  expect(verdicts(once, event("same", "59999"), event("same", "60000"))).toEqual(["duplicate", "reused"]);
});

it("agrees with a plain list over 40 seeded streams of ids that come and come again", () => {
  for (let round = 1; round <= 40; round++) {
    const random = seeded(round);
    const limit = 1 + Math.floor(random() * 90);
    const once = createOnce(limit);
    const list = plainOnce(limit);
    const among = 1 + Math.floor(random() * 3 * limit);
    for (let n = 0; n < 1500; n++) {
      if (random() < 0.05) {
        opened(once);
        list.opened();
      }
      const one = event(String(Math.floor(random() * among)), String(Math.floor(random() * 2)));
      expect(admit(once, one), `round ${round}, event ${n}`).toBe(list.admit(one.id ?? "", one.data));
    }
  }
});

/** The same, slow and literal. */
function plainOnce(limit: number) {
  let seeking = false;
  const pairs: { id: string; data: string }[] = [];
  return {
    opened() {
      seeking = true;
    },
    admit(id: string, data: string): string {
      const knowsPair = pairs.some((pair) => pair.id === id && pair.data === data);
      const knowsId = pairs.some((pair) => pair.id === id);
      if (knowsPair && seeking) return "duplicate";
      if (!knowsPair) pairs.push({ id, data });
      if (pairs.length > limit) pairs.shift();
      if (!knowsId) seeking = false;
      return knowsId && seeking ? "reused" : "new";
    },
  };
}
