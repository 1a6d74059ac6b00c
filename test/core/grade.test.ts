/** The one word for a connection at this moment, and when nobody knows it. */
import { expect, it } from "vitest";
import { initialState, type State } from "../../main/core/connection/connection-state.ts";
import { gradeNow } from "../../main/core/connection/grade.ts";
import { wentOffline } from "../../main/core/connection/link.ts";
import { emptyQuality } from "../../main/core/quality/quality.ts";
import { open, play, policy, start } from "./play.ts";

const begun = initialState(policy);
const links = {
  idle: begun.link,
  offline: { phase: "offline" },
  connecting: play([[0, start]]).state.link,
  open: play(open).state.link,
  waiting: { phase: "waiting", failure: wentOffline, candidate: 0, delayMs: 1, until: 1, rule: "family" },
} as const satisfies Record<string, State["link"]>;

it.each([
  ["idle", false, "UNKNOWN"],
  ["offline", false, "UNKNOWN"],
  ["connecting", false, "GOOD"],
  ["open", false, "GOOD"],
  ["waiting", false, "GOOD"],
  ["open", true, "UNKNOWN"],
  ["waiting", true, "UNKNOWN"],
] as const)("a stream that was open once and is %s (asleep: %s) is %s", (phase, asleep, grade) => {
  const quality = { ...emptyQuality, opensEver: 1 };
  expect(gradeNow({ ...begun, link: links[phase], asleep, quality }, 0)).toBe(grade);
});
it("a stream that was never open has no grade, whatever it does", () => {
  expect(gradeNow({ ...begun, link: links.connecting }, 0)).toBe("UNKNOWN");
});
