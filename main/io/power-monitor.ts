/**
 * That the computer goes to sleep and comes back, as the system announces it; what it does not announce, network-monitor.ts
 * finds by the clocks. Locking the screen is none of it: streams go on behind a locked screen.
 */
import { powerMonitor } from "electron/main";

export type PowerListener = {
  /** The computer is about to sleep; there may be a second left, or none. */
  suspend(): void;
  /** It is awake; its network usually is not yet. */
  resume(): void;
};

export type PowerMonitor = {
  /** @returns its end */
  subscribe(listener: PowerListener): () => void;
};

export const electronPowerMonitor: PowerMonitor = {
  subscribe(listener) {
    const suspend = () => listener.suspend();
    const resume = () => listener.resume();
    powerMonitor.on("suspend", suspend);
    powerMonitor.on("resume", resume);
    return () => {
      powerMonitor.off("suspend", suspend);
      powerMonitor.off("resume", resume);
    };
  },
};
