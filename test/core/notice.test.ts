/** The pace of banners, played against a list of arrivals on a clock of our own; and their text. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Arrival, arrive, bannerText, emptyLane, type Notice, settle } from "../../main/core/notice.ts";

const arrival = (seq: number, change: Partial<Arrival> = {}): Arrival => ({
  stream: "orders",
  name: "Orders",
  type: "message",
  preview: `event ${seq}`,
  seq,
  replayed: false,
  ...change,
});

/** Plays arrivals (time, arrival) and wakes the lane whenever it is due. Returns [time, what was shown]. */
function play(arrivals: readonly (readonly [at: number, Arrival])[]): [number, string][] {
  const shown: [number, string][] = [];
  let lane = emptyLane;
  const note = (at: number, notice: Notice | null) => {
    if (notice === null) return;
    const text = notice.kind === "event" ? notice.latest.preview : `${notice.kind} ${notice.count}`;
    shown.push([at, text]);
  };
  const wakeUntil = (end: number) => {
    while (lane.held > 0 && lane.quietUntil <= end) {
      const at = lane.quietUntil;
      const [next, notice] = settle(lane, at);
      lane = next;
      note(at, notice);
    }
  };
  for (const [at, came] of arrivals) {
    wakeUntil(at - 1);
    const [next, notice] = arrive(lane, came, at);
    lane = next;
    note(at, notice);
  }
  wakeUntil(Number.MAX_SAFE_INTEGER);
  return shown;
}

describe("pace", () => {
  it("shows a lone event at once", () => {
    expect(play([[100, arrival(1)]])).toEqual([[100, "event 1"]]);
  });

  it("shows an event 5 s later at once again", () => {
    expect(
      play([
        [0, arrival(1)],
        [5000, arrival(2)],
      ]),
    ).toEqual([
      [0, "event 1"],
      [5000, "event 2"],
    ]);
  });

  it("shows the one event that came in between as itself", () => {
    expect(
      play([
        [0, arrival(1)],
        [10, arrival(2)],
      ]),
    ).toEqual([
      [0, "event 1"],
      [5000, "event 2"],
    ]);
  });

  it("makes one summary of 10 000 events in a second", () => {
    const flood = Array.from({ length: 10_000 }, (_, at) => [Math.floor(at / 10), arrival(at)] as const);
    expect(play(flood)).toEqual([
      [0, "event 0"],
      [5000, "more 9999"],
    ]);
  });

  it("makes one digest of a replay, when it is over", () => {
    const replay = Array.from({ length: 300 }, (_, at) => [at * 10, arrival(at, { replayed: true })] as const);
    expect(play(replay)).toEqual([[2990 + 5000, "digest 300"]]);
  });

  it("tells of an endless replay once a minute", () => {
    const replay = Array.from({ length: 1200 }, (_, at) => [at * 100, arrival(at, { replayed: true })] as const);
    expect(play(replay).map(([at]) => at)).toEqual([60_000, 120_100]);
  });

  it("makes no digest of what is partly new", () => {
    expect(
      play([
        [0, arrival(1, { replayed: true })],
        [1, arrival(2)],
      ]),
    ).toEqual([[5000, "more 2"]]);
  });

  it("leads a click to the newest event", () => {
    const [lane] = arrive(emptyLane, arrival(1, { replayed: true }), 0);
    const [later] = arrive(lane, arrival(2, { replayed: true }), 1);
    expect(settle(later, 99_999)[1]?.latest.seq).toBe(2);
  });

  it("lets no event overtake those that wait, however late the timer is", () => {
    const [lane] = arrive(emptyLane, arrival(1, { replayed: true }), 0);
    const [later, notice] = arrive(lane, arrival(2), lane.quietUntil + 1000);
    expect([later.held, notice]).toEqual([2, null]);
  });

  it("says nothing when it is woken early", () => {
    const [lane] = arrive(emptyLane, arrival(1, { replayed: true }), 0);
    expect(settle(lane, lane.quietUntil - 1)).toEqual([lane, null]);
  });

  it("never shows two banners within 5 s, and never loses an event from the count", () => {
    const when = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 8000 }), replayed: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(when, (list) => {
        let at = 0;
        const arrivals = list.map(({ gap, replayed }, seq) => {
          at += gap;
          return [at, arrival(seq, { replayed })] as const;
        });
        const shown = play(arrivals);
        const counted = shown.reduce(
          (sum, [, text]) => sum + (text.startsWith("event") ? 1 : Number(text.split(" ")[1])),
          0,
        );
        expect(counted).toBe(list.length);
        for (const [index, [time]] of shown.entries()) {
          const before = shown[index - 1]?.[0];
          if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(5000);
        }
      }),
    );
  });
});

describe("bannerText", () => {
  it.each([
    ["message", "Orders"],
    ["refund", "Orders · refund"],
  ])("names the stream, and the type unless it is the usual one: %s", (type, title) => {
    expect(bannerText({ kind: "event", latest: arrival(1, { type }) }, "", false)).toEqual({ title, body: "event 1" });
  });

  it("shows the summary and not an event when there are several", () => {
    const notice: Notice = { kind: "more", latest: arrival(1, { type: "refund" }), count: 7 };
    expect(bannerText(notice, "7 more events", false)).toEqual({ title: "Orders", body: "7 more events" });
  });

  it("escapes markup in the body where the desktop reads it, and only there", () => {
    const notice: Notice = { kind: "event", latest: arrival(1, { name: "<b>", preview: "<img src=x>&" }) };
    expect(bannerText(notice, "", true)).toEqual({ title: "<b>", body: "&lt;img src=x&gt;&amp;" });
    expect(bannerText(notice, "", false).body).toBe("<img src=x>&");
  });

  it("keeps title and body within 120 and 240 characters, without controls or reordering", () => {
    const nasty = "\u202e\u0007😀".repeat(500);
    const { title, body } = bannerText(
      { kind: "event", latest: arrival(1, { name: nasty, preview: nasty }) },
      "",
      false,
    );
    expect([[...title].length, [...body].length]).toEqual([120, 240]);
    expect(title + body).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});
