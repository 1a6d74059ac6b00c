/**
 * The window's process stopped under a flood, as a debugger or a starved machine does it: main goes on, grows no queue, and what it kept is
 * on the screen when the window runs again. Linux, where a process can be stopped from outside and its memory read.
 */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { type App, launch } from "./app.ts";

const perS = 5000;
const eventBytes = 4000;
/** It is looked at for so long, and until so much has come: a queue of it would be seen. */
const leastS = 5;
const floodMb = 200;
const patienceS = 60;
/** What main may hold more with the window stopped than with it running: a collection that is due. */
const growthMb = 80;

it("a window that is stopped under a flood costs main no memory and the journal no event, and catches up", async (ctx) => {
  if (process.platform !== "linux") ctx.skip("processes are stopped and measured through /proc");
  const origin = await flood();
  const app = await launch();
  const id = await app.addStream({ url: origin.url, name: "Flood" });
  await app.page.getByRole("navigation").getByText("Flood", { exact: true }).first().click();
  await expect.poll(() => app.page.locator("[role=grid]").innerText(), { timeout: 20_000 }).toContain('"n":');
  // As long as with the window stopped: what grows from here on, grows by its absence.
  const running = await peakMb(app, origin);
  const renderer = await rendererPid(app);
  process.kill(renderer, "SIGSTOP");
  const stopped = await peakMb(app, origin).finally(() => process.kill(renderer, "SIGCONT"));
  expect(stopped - running, `MB more than ${running.toFixed()} MB`).toBeLessThan(growthMb);

  const last = origin.stop();
  const grid = app.page.locator("[role=grid]");
  await expect.poll(() => grid.innerText(), { timeout: 30_000 }).toContain(`"n":${last},`);
  const { events, duplicates } = (await app.stream(id)) ?? {};
  expect([events, duplicates]).toEqual([last + 1, 0]);
  // Every event is on the disk once, in order: the first and the last of each thousand, and as many as there are.
  const kept = await app.page.evaluate((stream) => window.bridge.history.keeping(stream), id);
  expect(kept).toMatchObject({ ok: true, value: { unsaved: 0, oversized: { events: 0 } } });
  expect(await places(app, id, last + 1)).toEqual(steps(last + 1));
}, 180_000);

const steps = (count: number): number[] => Array.from({ length: Math.ceil(count / 1000) }, (_, n) => n * 1000);

/** The number that each thousandth event says of itself. */
async function places(app: App, stream: string, count: number): Promise<(number | null)[]> {
  const filter = { types: ["message"], text: "", path: "", from: null, to: null };
  const found: (number | null)[] = [];
  for (const from of steps(count)) {
    const outcome = await app.page.evaluate((question) => window.bridge.events.window(question), {
      stream,
      filter,
      from,
      limit: 1,
    });
    if (!outcome.ok) throw new Error(outcome.error.code);
    const [row] = outcome.value.rows;
    expect(outcome.value.matching).toBe(count);
    found.push(row?.kind === "event" ? Number(/"n":(\d+)/.exec(row.preview)?.[1]) : null);
  }
  return found;
}

/** The most that main holds while so much comes, and for so long at least. */
async function peakMb(app: App, origin: { sent(): number }): Promise<number> {
  const before = origin.sent();
  const cameMb = (): number => ((origin.sent() - before) * eventBytes) / 1e6;
  let peak = 0;
  for (let n = 0; n < patienceS * 4 && (n < leastS * 4 || cameMb() < floodMb); n++) {
    await delay(250);
    peak = Math.max(peak, rssMb(app.pid));
  }
  expect(cameMb(), "MB that came").toBeGreaterThanOrEqual(floodMb);
  return peak;
}

async function rendererPid(app: App): Promise<number> {
  const pid = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  if (pid === undefined || pid === 0) throw new Error("the window has no process");
  return pid;
}

/** What the process holds in memory, its threads included. */
function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}

/** So many events a second, numbered, until it is told to stop; waits for whoever does not read. */
async function flood() {
  let [next, isOver] = [0, false];
  const serve = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const startedAt = performance.now();
    const first = next;
    while (!isOver && !response.destroyed) {
      const due = first + Math.floor(((performance.now() - startedAt) / 1000) * perS);
      // In small pieces: what is counted as sent has left, but for what the system's buffers hold.
      while (next < due && !isOver && !response.destroyed) {
        let text = "";
        for (const end = Math.min(due, next + 16); next < end; next++) text += eventText(next);
        if (!response.write(text)) await new Promise((resolve) => response.once("drain", resolve));
      }
      await delay(5);
    }
  };
  const server = createServer((_request, response) => void serve(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    isOver = true;
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    sent: () => next,
    /** @returns number of the last event */
    stop: () => {
      isOver = true;
      return next - 1;
    },
  };
}

function eventText(n: number): string {
  const data = `{"n":${n},"text":"`;
  return `id: ${n}\ndata: ${data}${"x".repeat(eventBytes - data.length - 24)}"}\n\n`;
}
