/** The built app behind forward proxies: the system's PAC, and one that a person writes down, with its password as a secret. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { forwardProxy } from "../fakes/forward-proxy.ts";
import { freePort } from "../fakes/free-port.ts";
import { filesHolding } from "../io/temporary-folder.ts";
import { type App, launch, say } from "./app.ts";

const canary = "canary-5c1e-Grüße";
/** A PAC script as Chromium takes it from its command line. */
const pac = (script: string) => `--proxy-pac-url=data:application/x-ns-proxy-autoconfig,${encodeURIComponent(script)}`;

const bar = ({ page }: App) => page.locator("section[data-state]");

it("goes by what a PAC script says, past a proxy that is not there, and the connection bar says by which", async () => {
  const origin = await eventOrigin();
  const proxy = await forwardProxy({ hosts: { "stream.test": origin.port } });
  const list = `PROXY 127.0.0.1:${await freePort()}; PROXY 127.0.0.1:${proxy.port}; DIRECT`;
  const script = `function FindProxyForURL(url, host) { return host === "stream.test" ? "${list}" : "DIRECT"; }`;
  const app = await launch({ args: [pac(script)] });
  await app.hurry();
  const id = await app.addStream({ url: "http://stream.test/events?key=s3cret", name: "By PAC" });
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("open");
  expect((await app.stream(id))?.proxy).toBe(`http://127.0.0.1:${proxy.port}`);
  expect(proxy.asked).toEqual(["GET http://stream.test/events?key=s3cret"]);
  await bar(app)
    .getByRole("button", { name: say("ways.button", { transport: "SSE" }) })
    .click();
  await app.page.getByRole("dialog").getByText(`http://127.0.0.1:${proxy.port}`).waitFor();
  await app.page.keyboard.press("Escape");
  origin.publishMany(3);
  await expect.poll(() => app.ids(id)).toHaveLength(3);
  // It dies with the proxy, and comes back by it without a gap.
  proxy.cut();
  origin.publishMany(2);
  await expect.poll(() => app.ids(id), { timeout: 15_000 }).toEqual(["1", "2", "3", "4", "5"]);
  // What the script sends directly goes directly.
  const here = await app.addStream({ url: origin.url, name: "Here" });
  await expect.poll(() => app.phase(here), { timeout: 15_000 }).toBe("open");
  expect((await app.stream(here))?.proxy).toBeNull();
});

it("sends nothing of its own by the system's proxy, not even for a dictionary", async () => {
  const origin = await eventOrigin();
  const proxy = await forwardProxy({ hosts: { "stream.test": origin.port } });
  const app = await launch({ args: [pac(`function FindProxyForURL() { return "PROXY 127.0.0.1:${proxy.port}"; }`)] });
  await app.hurry();
  // Chromium would ask as soon as its first session is there, which is long before a stream is open.
  const id = await app.addStream({ url: "http://stream.test/events", name: "By PAC" });
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("open");
  expect(proxy.asked).toEqual(["GET http://stream.test/events"]);
});

it("asks a PAC script for WebSockets too", async () => {
  const seen = await launch({
    args: [pac('function FindProxyForURL(url) { return "PROXY " + url.split(":")[0] + ".test:1"; }')],
  });
  const ask = (url: string) =>
    seen.electron.evaluate(({ session }, asked) => session.defaultSession.resolveProxy(asked), url);
  expect(await ask("wss://a.test/live")).toBe("PROXY wss.test:1");
  expect(await ask("ws://a.test/live")).toBe("PROXY ws.test:1");
  // [Chromium] What is on this computer is never asked of a proxy.
  expect(await ask("http://127.0.0.1:8080/")).toBe("DIRECT");
});

it("goes by the proxy that a person writes down, signs in there, and shows the password to nobody", async () => {
  const origin = await eventOrigin();
  const proxy = await forwardProxy({ hosts: { [`127.0.0.1:${origin.port}`]: origin.port }, wants: `ann:${canary}` });
  const app = await launch({ args: ["--password-store=basic"] });
  const { page } = app;
  await app.hurry();
  const id = await app.addStream({ url: origin.url, name: "By hand" });
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("open");
  await page.keyboard.press("Control+4");
  await page.getByRole("button", { name: say("settings.general"), exact: true }).click();
  await page.getByRole("button", { name: new RegExp(`${say("proxy.mode")}$`) }).click();
  await page.getByRole("option", { name: say("proxy.manual") }).click();
  // The field is named when the address is none.
  const section = page
    .locator("section")
    .filter({ has: page.getByRole("heading", { name: say("general.proxy"), exact: true }) });
  const saveIt = section.getByRole("button", { name: say("save"), exact: true });
  await section.getByLabel(say("proxy.url")).fill(`http://ann:x@127.0.0.1:${proxy.port}`);
  await saveIt.click();
  await section.getByText(say("field.proxy-url-credentials")).waitFor();
  await section.getByLabel(say("proxy.url")).fill(`127.0.0.1:${proxy.port}`);
  await section.getByLabel(say("proxy.username")).fill("ann");
  await section.getByRole("textbox", { name: say("credential.password") }).fill(canary);
  await section.getByText(say("secret.session")).waitFor();
  await saveIt.click();
  await expect
    .poll(async () => (await app.stream(id))?.proxy, { timeout: 15_000 })
    .toBe(`http://127.0.0.1:${proxy.port}`);
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("open");
  origin.publishMany(2);
  await expect.poll(() => app.ids(id)).toHaveLength(2);
  const settings = await page.evaluate(() => window.bridge.settings.get());
  expect(settings).toMatchObject({ ok: true, value: { known: expect.arrayContaining(["@app/proxy"]) } });
  expect(JSON.stringify([settings, await app.streams()])).not.toContain(canary);
  const { problems } = ((await page.evaluate(() => window.bridge.app.get())) as { value: { problems: object[] } })
    .value;
  expect(problems).toContainEqual({ code: "secrets-session", params: { backend: "basic_text" } });
  // Another proxy is not given the password by a change of the address.
  const moved = await page.evaluate((port) => {
    const other = { mode: "manual" as const, url: `evil.example:${port}`, username: "ann" };
    return window.bridge.settings.setProxy({ proxy: other, password: null });
  }, proxy.port);
  expect(moved).toMatchObject({
    ok: true,
    value: { errors: [{ field: "proxy.password", code: "secret-other-server" }] },
  });
  const slipped = await page.evaluate(() =>
    window.bridge.settings.setGeneral({ proxy: { mode: "manual", url: "evil.example:1", username: "ann" } } as never),
  );
  expect(slipped).toMatchObject({ ok: true });
  const after = await page.evaluate(() => window.bridge.settings.get());
  expect(after).toMatchObject({ ok: true, value: { general: { proxy: { url: `127.0.0.1:${proxy.port}` } } } });
  await app.quit();
  expect(filesHolding(app.dataDir, canary)).toEqual([]);
  expect(filesHolding(app.dataDir, Buffer.from(`ann:${canary}`).toString("base64"))).toEqual([]);
  expect(app.output()).not.toContain(canary);
});

it("halts at a proxy that wants a password, and leads to where it is entered", async () => {
  const proxy = await forwardProxy({ hosts: {}, wants: "ann:word" });
  const script = `function FindProxyForURL() { return "PROXY 127.0.0.1:${proxy.port}; DIRECT"; }`;
  const app = await launch({ args: [pac(script)] });
  const id = await app.addStream({ url: "https://stream.test/events", name: "Locked" });
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("halted");
  // Chromium's own requests are not the stream's.
  expect(proxy.asked.filter((line) => line.includes("stream.test"))).toEqual(["CONNECT stream.test:443"]);
  await bar(app).getByText(say("failure.proxy-auth")).waitFor();
  await bar(app)
    .getByRole("button", { name: say("verb.proxy") })
    .click();
  await app.page.getByRole("heading", { name: say("general.proxy"), exact: true }).waitFor();
});

it("connects directly and says so when the system gives no answer", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  await app.electron.evaluate(({ session }) => {
    session.defaultSession.resolveProxy = async () => "";
  });
  const id = await app.addStream({ url: origin.url, name: "Silent" });
  await expect.poll(() => app.phase(id), { timeout: 15_000 }).toBe("open");
  await expect
    .poll(() => app.page.evaluate(() => window.bridge.app.get()))
    .toMatchObject({ value: { problems: expect.arrayContaining([{ code: "proxy-system-silent", params: {} }]) } });
});
