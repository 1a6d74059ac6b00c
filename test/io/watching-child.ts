/** Watches the network with the real clock and the real interfaces, and tells its parent the news. Ends with its parent. */
import { networkInterfaces } from "node:os";
import { createNetworkMonitor } from "../../main/io/network-monitor.ts";
import { systemClock } from "../../main/io/system-clock.ts";

const monitor = createNetworkMonitor({ clock: systemClock, interfaces: networkInterfaces });
monitor.watchClosely(true);
monitor.subscribe((news) => process.send?.(news));
process.send?.({ type: "ready", ...monitor.current() });
process.on("disconnect", () => monitor.close());
