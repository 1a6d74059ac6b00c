/** The invented rows keep what the product promises: a picture of them must not show what never happens. */
import { expect, it } from "vitest";
import { fakeRows } from "./fake-data.ts";

it("asks after a cut from the last id that came, and the replay goes on right behind it", () => {
  const { rows } = fakeRows(5000, Date.UTC(2026, 10, 26, 15));
  const at = rows.findIndex((row) => row.kind === "mark" && row.mark === "opened");
  const [before, , opened, after] = rows.slice(at - 2, at + 2);
  expect(opened).toMatchObject({ params: { askedFrom: "88403" } });
  expect(before).toMatchObject({ kind: "event", id: "88403", flags: [] });
  expect(after).toMatchObject({ kind: "event", id: "88404", flags: ["replayed"] });
  // What the stream's bar says was the last.
  expect(rows.at(-1)).toMatchObject({ id: "88416" });
});
