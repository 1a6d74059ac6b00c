// @vitest-environment happy-dom
/** The proxy in the window: the app's choice, a stream's own, and what the connection bar says of it. */
import { act } from "react";
import { afterEach, expect, it } from "vitest";
import type { Endpoint } from "../../preload/contract.ts";
import { drawWindow, eraseWindows } from "./draw.tsx";

afterEach(eraseWindows);

/** The list of ways out: the native one that stands behind the pop-up for assistive technology and forms. */
function wayOut(): HTMLSelectElement {
  const found = [...document.querySelectorAll("select")].find((each) => each.textContent?.includes("No proxy"));
  if (found === undefined) throw new Error("no list of ways out");
  return found;
}

async function choose(text: string): Promise<void> {
  await act(async () => {
    const list = wayOut();
    list.value = [...list.options].find((option) => option.text === text)?.value ?? "";
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const proxy = "http://proxy.example:3128";

async function general() {
  const drawn = await drawWindow();
  await drawn.press("4", { ctrlKey: true });
  await drawn.click("main nav button", "General");
  const sent = () =>
    drawn.fake.calls.filter(({ name }) => name === "settings.setProxy").map(({ argument }) => argument);
  return { ...drawn, sent };
}

it("a choice without fields takes effect at once; the app's own has no further app to be the same as", async () => {
  const { sent } = await general();
  await choose("Environment variables");
  await choose("No proxy");
  expect(sent()).toEqual([
    { proxy: { mode: "environment", url: "", username: "" }, password: null },
    { proxy: { mode: "none", url: "", username: "" }, password: null },
  ]);
  expect([...wayOut().options].map(({ text }) => text).filter((text) => text.trim() !== "")).toEqual([
    "System settings",
    "Environment variables",
    "A proxy of your own",
    "No proxy",
  ]);
});

it("a proxy of one's own is saved when it is whole, its password beside it", async () => {
  const { sent, type, text, one } = await general();
  await choose("A proxy of your own");
  expect(sent()).toEqual([]);
  await type("Proxy address", ` ${proxy} `);
  expect(text()).not.toContain("Kept in");
  await type("User name, if it wants one", "ann");
  await type("Password", "word");
  const section = one("section", /^ *Proxy/);
  await act(async () => section.querySelector<HTMLButtonElement>("button[type=submit]")?.click());
  expect(sent()).toEqual([{ proxy: { mode: "manual", url: proxy, username: "ann" }, password: "word" }]);
});

it("puts main's refusal under its field, and takes it back when that changes", async () => {
  const { fake, type, one, text } = await general();
  await choose("A proxy of your own");
  await type("Proxy address", "ftp://x");
  fake.answers.setProxy = { errors: [{ field: "proxy.url", code: "proxy-url-scheme", params: {} }] };
  await act(async () =>
    one("section", /^ *Proxy/)
      .querySelector<HTMLButtonElement>("button[type=submit]")
      ?.click(),
  );
  expect(text()).toContain("A proxy address begins with http://");
  await type("Proxy address", proxy);
  expect(text()).not.toContain("A proxy address begins with http://");
});

it("a stream has its own proxy, or the app's; the password goes beside the endpoint and only when it is used", async () => {
  const drawn = await drawWindow();
  await drawn.press("4", { ctrlKey: true });
  await drawn.click("main nav button", "Payments ledger");
  await choose("A proxy of your own");
  await drawn.type("Proxy address", "socks5://proxy.example");
  await drawn.type("User name, if it wants one", "ann");
  await drawn.type("Password", "canary");
  await drawn.click("main form footer button[type=submit]");
  const { argument } = drawn.fake.calls.findLast(({ name }) => name === "settings.saveEndpoint") ?? {};
  const { endpoint, secrets } = argument as { endpoint: Endpoint; secrets: Record<string, string> };
  expect(endpoint.proxy).toEqual({ mode: "manual", url: "socks5://proxy.example", username: "ann" });
  expect(secrets).toEqual({ proxy: "canary" });
  expect(JSON.stringify(endpoint)).not.toContain("canary");
});

it("the connection bar says by which proxy it is tried, once, and leads to its settings where only they can help", async () => {
  const { fake, one, click, text } = await drawWindow();
  const bar = (): string => one("section[data-state]").textContent ?? "";
  expect(bar()).not.toContain("by proxy");
  await act(async () => fake.changeStream("orders", { proxy }));
  expect(bar()).not.toContain("by proxy");
  await act(async () => fake.changeStream("orders", { phase: "connecting", health: null }));
  expect(bar()).toContain(`by proxy ${proxy}`);
  const params = { proxy, status: 407, code: "Basic", advice: "proxy-auth-missing" };
  const failure = { family: "PROXY", kind: "proxy-auth", status: 407, final: true, params } as const;
  await act(async () => fake.changeStream("orders", { phase: "halted", health: null, failure }));
  expect(bar()).toContain("the proxy wants you to sign in (407)");
  expect(bar()).toContain("enter the proxy with user name and password in the settings");
  expect(bar().split(proxy)).toHaveLength(2);
  await click("section[data-state] button", "Proxy settings");
  expect(text()).toContain("What this computer is set to");
});
