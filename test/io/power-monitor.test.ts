import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";

const system = vi.hoisted(() => ({ current: null as EventEmitter | null }));
vi.mock("electron/main", () => ({
  get powerMonitor() {
    system.current ??= new EventEmitter();
    return system.current;
  },
}));

it("tells of sleep and waking and of no locked screen, until its end", async () => {
  const { electronPowerMonitor } = await import("../../main/io/power-monitor.ts");
  const heard: string[] = [];
  const listener = { suspend: () => heard.push("suspend"), resume: () => heard.push("resume") };
  const end = electronPowerMonitor.subscribe(listener);
  for (const event of ["lock-screen", "suspend", "unlock-screen", "resume"]) system.current?.emit(event);
  expect(heard).toEqual(["suspend", "resume"]);
  end();
  for (const event of ["suspend", "resume"]) system.current?.emit(event);
  expect(heard).toHaveLength(2);
  expect(system.current?.eventNames()).toEqual([]);
});
