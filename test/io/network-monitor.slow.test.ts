import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as passing } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";

const said = async (child: ChildProcess): Promise<Record<string, unknown>> => (await once(child, "message"))[0];

it.skipIf(process.platform === "win32")(
  "notices that the process was stopped, and for how long",
  async () => {
    const child = fork(join(import.meta.dirname, "watching-child.ts"));
    onTestFinished(() => void child.kill("SIGKILL"));
    expect(await said(child)).toMatchObject({ type: "ready", network: expect.any(String) });
    const news = said(child);
    child.kill("SIGSTOP");
    const stoppedMs = 6500;
    await passing(stoppedMs);
    child.kill("SIGCONT");
    const { type, stalledMs } = await news;
    expect(type).toBe("wake");
    // It was stopped at some moment of the second between two looks.
    expect(stalledMs).toBeGreaterThanOrEqual(stoppedMs - 1100);
    expect(stalledMs).toBeLessThan(stoppedMs + 2000);
    const ended = once(child, "exit");
    child.disconnect();
    expect((await ended)[0]).toBe(0);
  },
  30_000,
);
