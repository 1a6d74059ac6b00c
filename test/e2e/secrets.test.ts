/** Where a secret goes: into the keyring where there is one, else nowhere, and the window says which. */
import { existsSync } from "node:fs";
import { expect, it, onTestFinished, type TestContext } from "vitest";
import { end, start } from "../../build/setup/children.ts";
import { eventOrigin } from "../fakes/event-origin.ts";
import { filesHolding } from "../io/temporary-folder.ts";
import { type App, launch, say, temporaryFolder } from "./app.ts";
import { dial, needBus, privateBus } from "./bus.ts";

const canary = "canary-8f3a-Grüße";
const program = "/usr/bin/gnome-keyring-daemon";

function needKeyring(context: Pick<TestContext, "skip">): void {
  needBus(context);
  if (!existsSync(program)) context.skip("gnome-keyring is not installed (Debian: apt-get install gnome-keyring)");
}

/** An unlocked keyring on a bus of its own. @returns what the app needs to find it */
async function keyring(folder: string): Promise<Record<string, string>> {
  const bus = await privateBus();
  const env = { DBUS_SESSION_BUS_ADDRESS: bus, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder };
  const daemon = start(program, ["--foreground", "--unlock", "--components=secrets"], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "ignore", "ignore"],
  });
  onTestFinished(() => end(daemon, 1000));
  daemon.child.stdin?.end("password");
  const about = await dial(bus).getProxyObject("org.freedesktop.DBus", "/org/freedesktop/DBus");
  const names = about.getInterface("org.freedesktop.DBus");
  await expect.poll(() => names["NameHasOwner"]?.("org.freedesktop.secrets"), { timeout: 10_000 }).toBe(true);
  return env;
}

async function addWithToken({ page }: App, url: string, token: string): Promise<void> {
  await page
    .getByRole("button", { name: say("side.add") })
    .first()
    .click();
  await page.getByLabel(say("form.name"), { exact: true }).fill("Guarded");
  await page.getByLabel(say("form.url")).fill(url);
  await page.getByRole("button", { name: new RegExp(`${say("form.credential")}$`) }).click();
  await page.getByRole("option", { name: say("credential.bearer") }).click();
  await page.getByRole("textbox", { name: say("credential.token") }).fill(token);
}

const sent = `Bearer ${Buffer.from(canary, "utf8").toString("latin1")}`;

it("keeps a secret in memory only where there is no keyring, says so, and writes it nowhere", async () => {
  const origin = await eventOrigin();
  const app = await launch({ args: ["--password-store=basic"] });
  await addWithToken(app, origin.url, canary);
  await app.page.getByText(say("secret.session")).waitFor();
  await app.page.getByRole("button", { name: say("save"), exact: true }).click();
  await expect.poll(() => origin.asked.at(-1)?.headers["authorization"]).toBe(sent);
  const settings = await app.page.evaluate(() => window.bridge.settings.get());
  expect(JSON.stringify(settings)).not.toContain(canary);
  expect(settings).toMatchObject({ ok: true, value: { secrets: { kept: "session" } } });
  await app.quit();
  expect(filesHolding(app.dataDir, canary)).toEqual([]);
  expect(app.output()).not.toContain(canary);
});

it("keeps a secret in the keyring where there is one, over a restart, and in clear text nowhere", async (ctx) => {
  needKeyring(ctx);
  const env = await keyring(temporaryFolder("keyring"));
  const origin = await eventOrigin();
  const options = { env, args: ["--password-store=gnome-libsecret"] };
  const app = await launch(options);
  await addWithToken(app, origin.url, canary);
  await app.page.getByText(say("secret.keyring", { backend: "gnome_libsecret" })).waitFor();
  await app.page.getByRole("button", { name: say("save"), exact: true }).click();
  await expect.poll(() => origin.asked.at(-1)?.headers["authorization"]).toBe(sent);
  await app.quit();
  expect(filesHolding(app.dataDir, canary)).toEqual([]);
  const known = origin.asked.length;

  const again = await launch({ ...options, dataDir: app.dataDir });
  await expect.poll(() => origin.asked.length).toBe(known + 1);
  expect(origin.asked.at(-1)?.headers["authorization"]).toBe(sent);
  await again.quit();

  // The keyring is gone: the app starts, sends nothing without the secret, keeps what it cannot read, and says so.
  const without = await launch({ dataDir: app.dataDir, args: ["--password-store=basic"] });
  await expect.poll(async () => (await without.streams())[0]?.failure?.kind).toBe("secret-missing");
  await without.page.getByText(say("failure.secret-missing")).first().waitFor();
  expect(origin.asked.length).toBe(known + 1);
  const view = await without.page.evaluate(() => window.bridge.app.get());
  const codes = view.ok ? view.value.problems.map(({ code }) => code) : [];
  expect(codes.filter((code) => code.startsWith("secrets"))).not.toEqual([]);
  await without.quit();

  // It is back: so is the secret.
  await launch({ ...options, dataDir: app.dataDir });
  await expect.poll(() => origin.asked.length).toBe(known + 2);
  expect(origin.asked.at(-1)?.headers["authorization"]).toBe(sent);
}, 90_000);

it("keeps a password that was pasted into an address out of everything, and says where it belongs", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const url = origin.url.replace("http://", `http://bob:${canary}@`);
  await addWithToken(app, url, "x");
  await app.page.getByRole("button", { name: say("save"), exact: true }).click();
  await app.page.getByText(say("field.url-credentials")).waitFor();
  expect(await app.streams()).toEqual([]);
  expect(origin.asked).toEqual([]);
  await app.quit();
  expect(filesHolding(app.dataDir, canary)).toEqual([]);
  expect(app.output()).not.toContain(canary);
});
