/**
 * Watches two facts of the world that nobody tells us: that the network is another one, or gone (Electron's main process
 * has no event for that), and that this process did not run for a while. It only compares and tells; it sends nothing.
 *
 * Not running is seen by the clocks. A look that comes late on the monotonic clock was held up by a stalled loop or
 * SIGSTOP, or the computer slept where that clock counts sleep (Windows). Where it stands still meanwhile (Linux), the
 * civil clock has gone ahead of it. A clock that somebody sets forward looks the same and costs one probe.
 */
import { type Interfaces, type NetworkPicture, picture } from "./network-picture.ts";
import type { Clock } from "./ports.ts";

export type NetworkNews =
  /**
   * `changed`: it is another network than the last one there was, or an address of ours is gone with which connections
   * were made. A network that only went away and came back is not changed. `network`: "" while offline.
   */
  | { readonly type: "network"; readonly online: boolean; readonly changed: boolean; readonly network: string }
  /** We did not run; `stalledMs` of it passed on the monotonic clock, so deadlines that ran out meanwhile prove nothing. */
  | { readonly type: "wake"; readonly stalledMs: number };

export type NetworkMonitor = {
  /** As of the last look. */
  current(): { readonly online: boolean; readonly network: string };
  /** Looks each second while a stream waits or is offline, else each 5 s. */
  watchClosely(on: boolean): void;
  /** Looks now and tells what it finds before it returns: before a late timer is believed, and after a resume. */
  check(): void;
  /** @returns its end */
  subscribe(listener: (news: NetworkNews) => void): () => void;
  close(): void;
};

const closeMs = 1000;
const calmMs = 5000;
/** A look this late was held up by more than a busy moment, ms. */
const stallMs = 5000;
/** The civil clock this far ahead of the monotonic one: more than any clock is corrected in five seconds, ms. */
const leapMs = 30_000;

/** @param world.interfaces `os.networkInterfaces` */
export function createNetworkMonitor(world: { clock: Clock; interfaces: () => Interfaces }): NetworkMonitor {
  const { clock } = world;
  const listeners = new Set<(news: NetworkNews) => void>();
  // Where the system will not say, it must be tried.
  let now: NetworkPicture = { online: true, network: "", addresses: [] };
  now = take(world.interfaces, now);
  let lastOnline = now;
  let last = { mono: clock.mono(), utc: clock.utc() };
  let everyMs = calmMs;
  let dueAt = 0;
  let stop = (): void => {};
  let isClosed = false;
  const tell = (news: NetworkNews): void => {
    for (const listener of [...listeners]) listener(news);
  };

  function compare(): void {
    const before = now;
    now = take(world.interfaces, before);
    const lost = now.online && lastOnline.addresses.some((address) => !now.addresses.includes(address));
    const changed = now.online && (now.network !== lastOnline.network || lost);
    if (now.online) lastOnline = now;
    const { online, network } = now;
    if (changed || online !== before.online) tell({ type: "network", online, changed, network });
  }

  function look(): void {
    if (isClosed) return;
    stop();
    const moment = { mono: clock.mono(), utc: clock.utc() };
    const lateMs = Math.max(0, moment.mono - dueAt);
    const aheadMs = moment.utc - last.utc - (moment.mono - last.mono);
    last = moment;
    arm();
    // What there is, is said before that we are awake: a wake must not dial into a network that is gone.
    compare();
    if (lateMs >= stallMs || aheadMs >= leapMs) tell({ type: "wake", stalledMs: lateMs });
  }

  function arm(): void {
    dueAt = last.mono + everyMs;
    stop = clock.after(everyMs, look);
  }

  arm();
  return {
    current: () => ({ online: now.online, network: now.network }),
    watchClosely(on) {
      const wanted = on ? closeMs : calmMs;
      if (wanted === everyMs) return;
      everyMs = wanted;
      look();
    },
    check: look,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      isClosed = true;
      stop();
      listeners.clear();
    },
  };
}

/** A system that does not say what it has (sandboxes refuse it) leaves what was known. */
function take(interfaces: () => Interfaces, known: NetworkPicture): NetworkPicture {
  try {
    return picture(interfaces());
  } catch {
    return known;
  }
}
