/** Nothing leaves but what the user asked for: every socket of every process of the app is watched while it is used. */
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { type App, launch, say } from "./app.ts";
import { family, type Socket, socketsOf } from "./process-tree.ts";

/** Notes each socket once, from now until the test ends. */
function watchSockets(pid: number): () => Socket[] {
  const seen = new Map<string, Socket>();
  const look = () => {
    for (const socket of socketsOf(family(pid))) {
      const { protocol, local, remote, state } = socket;
      seen.set(`${protocol} ${local} ${remote} ${state}`, socket);
    }
  };
  const timer = setInterval(look, 50);
  onTestFinished(() => clearInterval(timer));
  return () => {
    look();
    return [...seen.values()];
  };
}

/** Notes whom main tries to reach, also where nobody answers and no socket lasts long enough to be seen from outside. */
async function watchAttempts({ electron }: App): Promise<() => Promise<string[]>> {
  await electron.evaluate(() => {
    const attempts: string[] = [];
    Object.assign(globalThis, { attempts });
    process.getBuiltinModule("node:diagnostics_channel").subscribe("net.client.socket", (message) => {
      const { socket } = message as { socket: import("node:net").Socket };
      socket.on("connectionAttempt", (address, port) => attempts.push(`${address}:${port}`));
      socket.on("lookup", (_error, _address, _family, host) => attempts.push(`name ${host}`));
    });
  });
  return () => electron.evaluate(() => (globalThis as unknown as { attempts: string[] }).attempts);
}

it("sees a connection that somebody makes: the watch is no watch if it is blind", async () => {
  const app = await launch();
  const sockets = watchSockets(app.pid);
  const attempts = await watchAttempts(app);
  const stranger = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void stranger.close());
  const { port } = stranger.address() as AddressInfo;
  await app.addStream({ url: `http://127.0.0.1:${port}/`, headersTimeoutMs: 2000 });
  await expect.poll(() => sockets().some(({ remote }) => remote === `127.0.0.1:${port}`)).toBe(true);
  expect(await attempts()).toContain(`127.0.0.1:${port}`);
});

it("speaks only to the servers the user gave, whatever one does in the window", async () => {
  const orders = await eventOrigin();
  const stock = await eventOrigin();
  const app = await launch();
  const sockets = watchSockets(app.pid);
  const attempts = await watchAttempts(app);
  await app.electron.evaluate(({ session }) => {
    const requested: string[] = [];
    Object.assign(globalThis, { requested });
    session.defaultSession.webRequest.onSendHeaders(({ url }) => void requested.push(url));
    session.defaultSession.webRequest.onErrorOccurred(({ url }) => void requested.push(url));
    session.defaultSession.webRequest.onCompleted(({ url }) => void requested.push(url));
  });
  const { page } = app;
  const id = await app.addStream({ url: orders.url, name: "Orders" });
  await app.addStream({ url: stock.url, name: "Stock" });
  await expect.poll(() => app.phase(id)).toBe("open");
  orders.publish(JSON.stringify({ link: "https://example.com/a", image: "https://example.com/b.png" }));
  stock.publishMany(20);

  // All places, the inspector, a search, the form with its text fields, a test, both languages, a cut and a return.
  await page
    .getByRole("grid")
    .getByRole("row", { name: /example\.com/ })
    .click();
  await page.keyboard.press("Control+f");
  await page.keyboard.type("example");
  await page.keyboard.press("Control+2");
  await page.keyboard.press("Control+3");
  await page.keyboard.press("Control+4");
  await app.setGeneral({ language: "zh-CN", theme: "dark" });
  await app.setGeneral({ language: "en", theme: "light" });
  await page.keyboard.press("Control+1");
  await page.getByRole("button", { name: say("head.edit") }).click();
  await page.getByLabel(say("form.name"), { exact: true }).fill("Misspelt naem of a straem");
  await page.getByRole("button", { name: say("form.test"), exact: true }).click();
  // The stream's own connection and the test's: an event before that would be the stream's alone.
  await expect.poll(() => orders.listeners).toBe(2);
  orders.publishMany(2);
  await page.getByText(say("test.streams")).waitFor();
  await app.hurry();
  await orders.stop();
  await expect.poll(() => app.phase(id)).toBe("waiting");
  await orders.start();
  await expect.poll(() => app.phase(id), { timeout: 20_000 }).toBe("open");

  const all = sockets();
  const listening = new Set(all.filter(({ state }) => state === "listening").map(({ local }) => local));
  // Playwright's own door, which an app that nobody tests does not have, is the only one that is open.
  const visitors = all.filter(({ local, state }) => state !== "listening" && listening.has(local));
  expect(visitors.every(({ remote }) => remote.startsWith("127.0.0.1:"))).toBe(true);
  expect([...listening].every((local) => local.startsWith("127.0.0.1:"))).toBe(true);
  expect(listening.size).toBeLessThanOrEqual(2);

  const own = all.filter(({ local, state }) => state !== "listening" && !listening.has(local));
  expect(own.map(({ protocol }) => protocol).filter((protocol) => !protocol.startsWith("tcp"))).toEqual([]);
  expect(new Set(own.map(({ remote }) => remote))).toEqual(
    new Set([`127.0.0.1:${orders.port}`, `127.0.0.1:${stock.port}`]),
  );
  expect(new Set((await attempts()).filter((to) => !to.startsWith("name 127.0.0.1")))).toEqual(
    new Set([`127.0.0.1:${orders.port}`, `127.0.0.1:${stock.port}`]),
  );
  const requested = await app.electron.evaluate(() => (globalThis as unknown as { requested: string[] }).requested);
  expect(requested.filter((url) => !/^(app:\/\/holdfast\/|data:)/.test(url))).toEqual([]);
});
