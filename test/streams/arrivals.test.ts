/** What is told of events while the journal is still being asked what it has. */
import { expect, it } from "vitest";
import { contentPrint, idPrint } from "../../main/core/events/fingerprint.ts";
import { Arrivals } from "../../main/streams/arrivals.ts";
import { anArrival } from "../fakes/stream-world.ts";

it("takes nothing for kept that the journal said before it lost something", async () => {
  const event = anArrival("1");
  const known = Float64Array.of(idPrint("1"), contentPrint(event.type, event.data));
  const answers: ((known: Float64Array) => void)[] = [];
  const arrivals = new Arrivals("orders", {
    recent: () => new Promise((resolve) => answers.push(resolve)),
    tail: () => Promise.reject(new Error("not asked")),
  });
  const asked = arrivals.prepare();
  arrivals.unsaved();
  answers[0]?.(known);
  await asked;
  arrivals.opened(0, true);
  expect(arrivals.take(event, 10)).not.toBeNull();
  const again = arrivals.prepare();
  answers[1]?.(known);
  await again;
  arrivals.opened(20, true);
  expect(arrivals.take(event, 30)).toBeNull();
});
