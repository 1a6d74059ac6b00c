// @vitest-environment happy-dom
/** Settings of further addresses, of fetched tokens and of reconnecting, as a person meets them. */
import { act } from "react";
import { afterEach, expect, it } from "vitest";
import { type Endpoint, policyRanges, retentionRanges } from "../../preload/contract.ts";
import { rangeOf } from "../../renderer/policy-form.ts";
import { rangeOf as boundsOf } from "../../renderer/retention-form.ts";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";
import { fakePolicy } from "./fake-data.ts";

afterEach(eraseWindows);

const save = "main form footer button[type=submit]";
const saveKept = 'main form[aria-label="How much is kept"] button[type=submit]';

async function payments() {
  const drawn = await drawWindow();
  await drawn.press("4", { ctrlKey: true });
  await drawn.click("main nav button", "Payments ledger");
  const sent = () => {
    const { argument } = drawn.fake.calls.findLast(({ name }) => name === "settings.saveEndpoint") ?? {};
    return argument as { endpoint: Endpoint; secrets: Record<string, string> };
  };
  return { ...drawn, sent, urls: () => sent().endpoint.group.map(({ url }) => url) };
}

function below(control: HTMLElement): string {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ");
  return ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
}

const [second, third] = [
  "https://api-2.shop.example/v1/payments/stream",
  "https://backup.shop.example:8443/payments",
] as const;

it("adds and moves further addresses, and sends them in their order", async () => {
  const { click, type, urls } = await payments();
  await click("button", "Add an address");
  await type("Address 4", "https://d.example/");
  await click("button", "Move address 4 up");
  await click("button", "Move address 2 down");
  await click(save);
  expect(urls()).toEqual(["https://d.example/", second, third]);
});

it("removes a further address, and moves none beyond the ends of the list", async () => {
  const { click, urls, one } = await payments();
  const isDisabled = (label: string) => (one("button", label) as HTMLButtonElement).disabled;
  expect(
    ["Move address 2 up", "Move address 2 down", "Move address 3 up", "Move address 3 down"].map(isDisabled),
  ).toEqual([true, false, false, true]);
  await click("button", "Remove address 2");
  await click(save);
  expect(urls()).toEqual([third]);
});

it("sends the headers of an address with it, its secrets beside it, and says which one is stored", async () => {
  const { click, type, field, sent } = await payments();
  expect(field("Value of header 2, address 2").placeholder).toBe("stored; type to replace");
  await type("Value of header 2, address 2", "canary");
  await click(save);
  expect(sent().secrets).toEqual({ [`group:${second}:header:X-Api-Key`]: "canary" });
  expect(JSON.stringify(sent().endpoint)).not.toContain("canary");
  // The stored one is for another address.
  await type("Address 2", "https://elsewhere.example/");
  expect(field("Value of header 2, address 2").placeholder).toBe("");
});

it("puts each refusal under its own field, and takes it back when what it was about changes", async () => {
  const { fake, click, type, field, text } = await payments();
  fake.answers.saveEndpoint = {
    errors: [
      { field: "group.1.url", code: "scheme-weaker", params: {} },
      { field: "websocket.resumeQuery", code: "query-name-invalid", params: {} },
      { field: "discover", code: "discover-needs-base", params: {} },
      { field: "group", code: "group-needs-get", params: {} },
    ],
  };
  await type(/^ *Name/, "Renamed");
  await click(save);
  expect(below(field("Address 3"))).toContain("not encrypted");
  expect(field("Address 2").getAttribute("aria-invalid")).not.toBe("true");
  expect(below(field("Resume parameter"))).toContain("name of a parameter");
  expect(text()).toContain("can only be looked for on a bare address");
  expect(text()).toContain("A POST is never sent again by itself");
  await type(/^ *Address/, "https://other.example/");
  expect(field("Address 3").getAttribute("aria-invalid")).not.toBe("true");
  expect(text()).not.toContain("can only be looked for on a bare address");
  expect(text()).not.toContain("A POST is never sent again by itself");
});

it("switches the WebSocket off and on without losing what was typed", async () => {
  const { click, field, sent } = await payments();
  const flip = () => click("label", "Use a WebSocket");
  await flip();
  await flip();
  expect(field("WebSocket address").value).toBe("wss://api.shop.example/v1/payments/socket");
  await flip();
  await click(save);
  expect(sent().endpoint.websocket).toBeNull();
});

it("shows a token command word by word, and sets another only as main's dialogs gave it", async () => {
  const { fake, click, text, one, sent } = await payments();
  expect(one("ol[aria-label^=Command]").textContent).toBe('"/usr/local/bin/shop-token""--for""payments \\u202E2"');
  fake.answers.chooseTokenCommand = { argv: ["/bin/other"], errors: [] };
  await click("button", "Choose command");
  expect(fake.calls).toContainEqual({
    name: "settings.chooseTokenCommand",
    argument: { id: "payments", url: "https://api.shop.example/v1/payments/stream" },
  });
  expect(one("ol[aria-label^=Command]").textContent).toBe('"/bin/other"');
  fake.answers.chooseTokenCommand = { argv: null, errors: [] };
  await click("button", "Choose command");
  await click(save);
  expect(sent().endpoint.credential).toEqual({ kind: "command", argv: ["/bin/other"] });
  const errors = [{ field: "credential.argv", code: "command-not-executable", params: {} }];
  fake.answers.chooseTokenCommand = { argv: null, errors };
  await click("button", "Choose command");
  expect(text()).toContain("This program cannot be run");
});

it("loses nothing that was typed while the dialog stood open", async () => {
  const { fake, one, type, field } = await payments();
  let answer = (): void => {};
  const waiting = new Promise<void>((resolve) => {
    answer = resolve;
  });
  Object.assign(fake.bridge.settings, {
    chooseTokenCommand: () => waiting.then(() => ({ ok: true, value: { argv: ["/bin/late"], errors: [] } })),
  });
  await act(async () => one("button", "Choose command").click());
  await type(/^ *Name/, "Typed meanwhile");
  answer();
  await settle();
  expect(field(/^ *Name/).value).toBe("Typed meanwhile");
  expect(one("ol[aria-label^=Command]").textContent).toBe('"/bin/late"');
});

async function general(policy = fakePolicy) {
  const drawn = await drawWindow();
  const settings = await drawn.fake.bridge.settings.get();
  if (!settings.ok) throw new Error("no settings");
  await act(async () =>
    drawn.fake.setSettings({
      ...settings.value,
      general: { ...settings.value.general, policy },
      sources: { "general.policy.AUTH.capMs": "policy" },
    }),
  );
  await drawn.press("4", { ctrlKey: true });
  const saved = () => drawn.fake.calls.filter(({ name }) => name === "settings.setGeneral").at(-1)?.argument;
  return { ...drawn, saved };
}

it("saves the table of reconnecting as a whole, in milliseconds", async () => {
  const { type, click, saved, field } = await general();
  expect(field("Network: First wait").value).toBe("5");
  await type("Network: First wait", "2.5");
  await type("Proxy: Attempts", "9");
  await click("main form button[type=submit]", "Save");
  expect(saved()).toEqual({
    policy: {
      ...fakePolicy,
      NETWORK: { ...fakePolicy.NETWORK, firstMs: 2500 },
      PROXY: { ...fakePolicy.PROXY, attempts: 9 },
    },
  });
  expect(below(field("Network: First wait"))).toContain("Default: 5 s");
});

it("says under its field what a number must be, without asking main, and what main says", async () => {
  const { fake, type, click, saved, field } = await general();
  await type("Network: First wait", "0");
  await click("main form button[type=submit]", "Save");
  expect(below(field("Network: First wait"))).toContain("Enter seconds from 0.1 to 86,400.");
  expect(saved()).toBeUndefined();
  await type("Network: First wait", "400");
  fake.answers.setGeneral = { errors: [{ field: "policy.NETWORK.capMs", code: "cap-below-first", params: {} }] };
  await click("main form button[type=submit]", "Save");
  expect(below(field("Network: Longest wait"))).toContain("must not be shorter than the first");
});

it("says the ranges that the contract keeps", () => {
  const { min, max } = policyRanges.delayMs;
  for (const column of ["firstMs", "capMs", "resetAfterMs"] as const)
    expect(rangeOf(column)).toEqual({ min: min / 1000, max: max / 1000 });
  expect([rangeOf("factor"), rangeOf("attempts")]).toEqual([policyRanges.factor, policyRanges.attempts]);
  expect(boundsOf).toEqual(retentionRanges);
});

it("saves how much is kept as a whole, an empty field being the default", async () => {
  const { type, click, saved, field } = await general();
  expect(field("Age").value).toBe("366");
  await type("Age", "30");
  await type("Size", "");
  await type("Events and marks", "2,500,000");
  await click(saveKept);
  expect(saved()).toEqual({ retention: { days: 30, events: 2_500_000, mebibytes: 4096 } });
  expect(below(field("Age"))).toContain("Default: 366");
});

it.each([
  ["Age", "0", "Enter a whole number from 1 to 36,500."],
  ["Events and marks", "1.5", "Enter a whole number from 100 to 1,000,000,000."],
  ["Size", "much", "Enter a whole number from 1 to 1,048,576."],
])("says under %s that %s is no bound", async (label, text, words) => {
  const { type, click, saved, field } = await general();
  await type(label, text);
  await click(saveKept);
  expect(below(field(label))).toContain(words);
  expect(saved()).toBeUndefined();
});

it("sends a stream's own bounds, says what counts without them, and has none where nothing is kept", async () => {
  const { type, click, sent, field, all } = await payments();
  expect(below(field("Age"))).toContain("Empty: 366, as for every stream");
  await type("Age", "7");
  await type("Size", "0");
  await click(save);
  expect(below(field("Size"))).toContain("Enter a whole number from 1 to 1,048,576.");
  await type("Size", "");
  await click(save);
  expect(sent().endpoint.retention).toEqual({ days: 7, events: null, mebibytes: null });
  await click("label", "Keep nothing");
  expect(all("label").map(({ textContent }) => textContent)).not.toContain("Age");
});

it("fills in the defaults, leaves alone what policy decides, and saves only when told to", async () => {
  const AUTH = { firstMs: 1000, capMs: 2000, factor: 3, attempts: 4 };
  const { click, saved, field } = await general({ ...fakePolicy, AUTH, strict: true });
  expect(field("Sign-in: Longest wait").readOnly).toBe(true);
  await click("button", "Back to the defaults");
  expect(saved()).toBeUndefined();
  await click("main form button[type=submit]", "Save");
  expect(saved()).toEqual({ policy: { ...fakePolicy, AUTH: { ...fakePolicy.AUTH, capMs: 2000 } } });
});

it("saves strictness with the table, and discards it with the table", async () => {
  const { type, click, saved, field, one } = await general();
  const isOn = () => (one("label", "Take the longest waits").querySelector("input") as HTMLInputElement).checked;
  await type("Server: Times, per failure", "3");
  await click("label", "Take the longest waits literally");
  expect([saved(), isOn()]).toEqual([undefined, true]);
  await click("main form button", "Discard");
  expect([field("Server: Times, per failure").value, isOn()]).toEqual(["1.8", false]);
  await click("label", "Take the longest waits literally");
  await click("main form button[type=submit]", "Save");
  expect(saved()).toEqual({ policy: { ...fakePolicy, strict: true } });
});
