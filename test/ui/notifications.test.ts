/** Banners with a fake desktop and a clock of our own. */
import { EventEmitter } from "node:events";
import type { NotificationConstructorOptions } from "electron/main";
import { describe, expect, it, vi } from "vitest";
import type { Arrival } from "../../main/core/notice.ts";
import { createNotifications } from "../../main/ui/notifications.ts";
import { type Locale, words } from "../../preload/words.ts";

class FakeBanner extends EventEmitter {
  readonly options: NotificationConstructorOptions;
  shown = false;
  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  show(): void {
    this.shown = true;
  }
}

function desktop({ supported = true, platform = "linux" as NodeJS.Platform, locale = "en" as Locale } = {}) {
  let now = 0;
  const timers = new Set<{ at: number; wake: () => void }>();
  const shown: FakeBanner[] = [];
  const open = vi.fn();
  const record = vi.fn();
  const notifications = createNotifications({
    banners: {
      isSupported: () => supported,
      make: (options) => {
        const banner = new FakeBanner(options);
        shown.push(banner);
        return banner;
      },
    },
    clock: {
      mono: () => now,
      after: (delayMs, wake) => {
        const timer = { at: now + delayMs, wake };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    platform,
    words: () => words(locale),
    open,
    record,
  });
  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      timers.delete(next);
      now = next.at;
      next.wake();
    }
    now = end;
  };
  return { notifications, shown, open, record, pass, timers };
}

const arrival = (seq: number, change: Partial<Arrival> = {}): Arrival => ({
  stream: "orders",
  name: "Orders",
  type: "message",
  preview: `event ${seq}`,
  seq,
  replayed: false,
  ...change,
});
const texts = (shown: readonly FakeBanner[]) => shown.map(({ options }) => options.body);

describe("pace", () => {
  it.each([
    ["en", "9999 more events", "1,200 events caught up after the connection came back"],
    ["zh-CN", "另有 9999 个事件", "连接恢复后补回 1200 个事件"],
  ] as const)("shows one banner in 5 s and a summary, then a digest, in %s", (locale, more, digest) => {
    const { notifications, shown, pass, timers } = desktop({ locale });
    for (let seq = 0; seq < 10_000; seq += 1) notifications.tell(arrival(seq));
    expect(timers.size).toBe(1);
    pass(4999);
    expect(texts(shown)).toEqual(["event 0"]);
    pass(1);
    expect(texts(shown).at(-1)?.replace(",", "")).toBe(more);
    pass(60_000);
    for (let seq = 0; seq < 1200; seq += 1) notifications.tell(arrival(seq, { replayed: true }));
    pass(60_000);
    expect(shown).toHaveLength(3);
    expect(texts(shown).at(-1)?.replace(",", "")).toBe(digest.replace(",", ""));
  });

  it("keeps a pace of its own for each stream", () => {
    const { notifications, shown } = desktop();
    for (const stream of ["a", "b", "a"]) notifications.tell(arrival(1, { stream }));
    expect(shown).toHaveLength(2);
  });

  it("waits for the end of a replay that goes on", () => {
    const { notifications, shown, pass } = desktop();
    for (let seq = 0; seq < 5; seq += 1) {
      notifications.tell(arrival(seq, { replayed: true }));
      pass(3000);
    }
    expect(shown).toEqual([]);
    pass(5000);
    expect(texts(shown)).toEqual(["5 events caught up after the connection came back"]);
  });

  it("shows nothing after close, and leaves no timer", () => {
    const { notifications, shown, pass, timers } = desktop();
    notifications.tell(arrival(1));
    notifications.tell(arrival(2));
    notifications.close();
    expect(timers.size).toBe(0);
    pass(60_000);
    expect(shown).toHaveLength(1);
  });
});

describe("a banner", () => {
  it.each([
    ["linux", "&lt;b&gt;"],
    ["darwin", "<b>"],
    ["win32", "<b>"],
  ] as const)("has no raw markup where it would be read: %s", (platform, body) => {
    const { notifications, shown } = desktop({ platform });
    notifications.tell(arrival(1, { preview: "<b>" }));
    expect(texts(shown)).toEqual([body]);
    expect(shown[0]?.options).not.toHaveProperty("actions");
  });

  it("leads to its stream when it is clicked", () => {
    const { notifications, shown, open } = desktop();
    notifications.tell(arrival(7));
    shown[0]?.emit("click");
    expect(open).toHaveBeenCalledExactlyOnceWith("orders", 7);
  });

  it.each<[string, (banner: FakeBanner | undefined) => void, unknown[]]>([
    ["shown", (banner) => banner?.emit("show"), ["shown", ""]],
    ["failed", (banner) => banner?.emit("failed", {}, "no daemon"), ["failed", "no daemon"]],
  ])("is recorded as %s", (_outcome, happen, expected) => {
    const { notifications, shown, record } = desktop();
    notifications.tell(arrival(1));
    expect([shown[0]?.shown, record.mock.calls.length]).toEqual([true, 0]);
    happen(shown[0]);
    expect(record).toHaveBeenCalledExactlyOnceWith({ kind: "event", latest: arrival(1) }, ...expected);
  });

  it("is recorded as unsupported where there are none", () => {
    const { notifications, shown, record } = desktop({ supported: false });
    notifications.tell(arrival(1));
    expect(shown).toEqual([]);
    expect(record).toHaveBeenCalledExactlyOnceWith({ kind: "event", latest: arrival(1) }, "unsupported", "");
  });
});
