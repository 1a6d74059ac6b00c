/** The tray's state of all streams: the worst wins. */
import { describe, expect, it } from "vitest";
import { type Shown, stateWord, trayKind, trayState } from "../../main/core/tray-state.ts";

const stream = (change: Partial<Shown>): Shown => ({
  phase: "open",
  health: "live",
  attempt: 0,
  grade: "GOOD",
  failure: null,
  ...change,
});
const live = stream({});
const silent = stream({ health: "silent" });
const held = stream({ health: "held" });
const poor = stream({ grade: "POOR" });
const waiting = (attempt: number) => stream({ phase: "waiting", health: null, attempt });
const connecting = (attempt: number) => stream({ phase: "connecting", health: null, attempt });
const planned = { family: "PLANNED", kind: "planned", status: null, final: false, params: {} } as const;
const halted = stream({ phase: "halted", health: null });
const offline = stream({ phase: "offline", health: null });
const paused = stream({ phase: "idle", health: null });

describe("trayKind", () => {
  it.each([
    ["live", live, "live"],
    ["silent", silent, "live"],
    ["held", held, "degraded"],
    ["poor", poor, "degraded"],
    ["connecting for the first time", connecting(0), "live"],
    ["waiting though nothing failed", waiting(0), "live"],
    ["waiting after a planned end", { ...waiting(9), failure: planned }, "live"],
    ["connecting after a failure", connecting(1), "degraded"],
    ["waiting after three attempts", waiting(3), "degraded"],
    ["waiting after four attempts", waiting(4), "down"],
    ["connecting after four attempts", connecting(4), "down"],
    ["halted", halted, "down"],
    ["offline", offline, "offline"],
    ["paused", paused, "paused"],
  ])("calls a stream that is %s %s", (_what, shown, kind) => {
    expect(trayKind(shown)).toBe(kind);
  });
});

describe("trayState", () => {
  it.each([
    ["down before everything", [live, paused, offline, held, halted], "down"],
    ["down among a hundred paused ones", [...Array<Shown>(100).fill(paused), waiting(9)], "down"],
    ["degraded before offline", [offline, held, live], "degraded"],
    ["offline before live", [live, offline, paused], "offline"],
    ["live before paused", [paused, live], "live"],
    ["paused when all are", [paused, paused], "paused"],
    ["paused when there is none", [], "paused"],
  ])("shows %s", (_what, streams, kind) => {
    expect(trayState(streams).kind).toBe(kind);
  });

  it("counts each kind", () => {
    expect(trayState([live, silent, held, waiting(9), paused])).toEqual({
      kind: "down",
      counts: { down: 1, degraded: 1, offline: 0, live: 2, paused: 1 },
      total: 5,
    });
  });
});

it.each([
  [live, "live"],
  [silent, "silent"],
  [held, "held"],
  [stream({ health: null }), "live"],
  [waiting(1), "waiting"],
  [paused, "paused"],
  [halted, "halted"],
])("names the state of a stream", (shown, word) => {
  expect(stateWord(shown)).toBe(word);
});
