/** Which events a rule asks to tell. */
import { expect, it } from "vitest";
import { asks } from "../../main/core/rules.ts";

const event = { type: "order", data: '{"state":"Überfällig"}' };
const all = { on: true, types: [], contains: "" };

it.each([
  ["every event when it names nothing", all, true],
  ["nothing when it is off", { ...all, on: false }, false],
  ["an event of a named type", { ...all, types: ["note", "order"] }, true],
  ["no event of another type", { ...all, types: ["note"] }, false],
  ["no type by a part or another case of its name", { ...all, types: ["ord", "Order"] }, false],
  ["an event whose data holds the text, in any case", { ...all, contains: "ÜBERFÄLLIG" }, true],
  ["no event without the text", { ...all, contains: "paid" }, false],
  ["nothing by the text of the type", { ...all, contains: "order" }, false],
  ["only what has type and text", { on: true, types: ["note"], contains: "state" }, false],
])("asks for %s", (_what, rule, expected) => {
  expect(asks(rule, event)).toBe(expected);
});
