/** The events of a diagnosis: what may be said of ids when little came. */
import { expect, it } from "vitest";
import { SeenEvents } from "../../main/io/probe/seen-events.ts";

function after(...ids: (string | null)[]) {
  const seen = new SeenEvents();
  seen.meet(ids.map((id, i) => ({ id, hash: `hash-${i}` })));
  return seen.resumption;
}

it("says that events have no ids only where events came and none had one", () => {
  expect(after()).toBe("unclear");
  expect(after("1")).toBe("unclear");
  expect(after(null, "", null)).toBe("no-ids");
  expect(after(null, "1", "2")).toMatchObject({ from: "1", expected: { id: "2" } });
});
