/**
 * Banners of the desktop: feeds arrivals to core/notice.ts and shows what it says, in the user's language.
 * It adds no actions from an event's content; a click only leads to the stream.
 */
import type { NotificationConstructorOptions } from "electron/main";
import type { Words } from "../../preload/words.ts";
import { type Arrival, arrive, bannerText, emptyLane, type Lane, type Notice, settle } from "../core/notice.ts";

/** `shown` and `failed` as the desktop says; `unsupported`: it has no notifications at all. */
export type BannerOutcome = "shown" | "failed" | "unsupported";

/** The part of Electron's Notification that is needed. */
export type Banner = {
  show(): void;
  on(event: "show" | "click", listener: () => void): unknown;
  on(event: "close", listener: () => void): unknown;
  on(event: "failed", listener: (event: unknown, error: string) => void): unknown;
};
export type BannerMaker = { isSupported(): boolean; make(options: NotificationConstructorOptions): Banner };

export type NotificationOptions = {
  readonly banners: BannerMaker;
  readonly clock: { mono(): number; after(delayMs: number, wake: () => void): () => void };
  readonly platform: NodeJS.Platform;
  /** The language of the moment. */
  words(): Words;
  /** Brings the window to the front, on this stream. */
  open(stream: string, seq: number): void;
  /** Hears how each banner ended; `reason` is the desktop's own text. */
  record(notice: Notice, outcome: BannerOutcome, reason: string): void;
};

export type Notifications = {
  tell(arrival: Arrival): void;
  /** Forgets what is still held; shown banners stay. */
  close(): void;
};

/** A banner that nothing refers to is collected, and its click with it. */
const referencesKept = 50;

/** Tells the user from now on. */
export function createNotifications({
  banners,
  clock,
  platform,
  words,
  open,
  record,
}: NotificationOptions): Notifications {
  const lanes = new Map<string, Lane>();
  const timers = new Map<string, () => void>();
  const kept = new Set<Banner>();

  const show = (notice: Notice): void => {
    if (!banners.isSupported()) {
      record(notice, "unsupported", "");
      return;
    }
    const summary = notice.kind === "event" ? "" : words().say(`notice.${notice.kind}`, { count: notice.count });
    const banner = banners.make(bannerText(notice, summary, platform === "linux"));
    kept.add(banner);
    for (const oldest of kept) {
      if (kept.size <= referencesKept) break;
      kept.delete(oldest);
    }
    banner.on("show", () => record(notice, "shown", ""));
    banner.on("close", () => kept.delete(banner));
    banner.on("failed", (_event, error) => {
      kept.delete(banner);
      record(notice, "failed", error);
    });
    banner.on("click", () => {
      kept.delete(banner);
      open(notice.latest.stream, notice.latest.seq);
    });
    banner.show();
  };

  const keep = (stream: string, [lane, notice]: readonly [Lane, Notice | null]): void => {
    lanes.set(stream, lane);
    if (notice !== null) show(notice);
    if (lane.held > 0 && !timers.has(stream)) arm(stream, lane);
  };
  const arm = (stream: string, lane: Lane): void => {
    const wake = (): void => {
      timers.delete(stream);
      // Woken early, or the replay goes on: `settle` says nothing, and the timer is set again.
      keep(stream, settle(lanes.get(stream) ?? emptyLane, clock.mono()));
    };
    timers.set(stream, clock.after(Math.max(1, lane.quietUntil - clock.mono()), wake));
  };

  return {
    tell: (arrival) => keep(arrival.stream, arrive(lanes.get(arrival.stream) ?? emptyLane, arrival, clock.mono())),
    close() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
      lanes.clear();
    },
  };
}
