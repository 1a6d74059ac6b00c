/** The Diagnose screen's calls: whose headers go where, how often is told, and what a report shows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createDiagnosis, type DiagnosisParts } from "../main/diagnosis.ts";
import { openSettings } from "../main/io/stores/settings-store.ts";
import { systemClock } from "../main/io/system-clock.ts";
import type { DiagnosisView, Endpoint } from "../preload/contract.ts";
import { words } from "../preload/words.ts";
import { rawServer, type Talk } from "./fakes/raw-server.ts";
import { anEndpoint, streamWorld } from "./fakes/stream-world.ts";
import { temporaryFolder } from "./io/temporary-folder.ts";

const refuses = (talk: Talk) => void talk.answer("404 Not Found", { Server: "Pingora", "Content-Length": "0" });
const blank = { stream: null, url: null, compare: null, measureIdle: false };

function served(endpoints: Endpoint[] = [], more: Partial<DiagnosisParts> = {}) {
  const world = streamWorld();
  const settings = openSettings({ dir: temporaryFolder(), policyFile: null, clock: world.clock });
  for (const endpoint of endpoints) expect(settings.saveEndpoint(endpoint)).toEqual([]);
  const told: { at: number; view: DiagnosisView }[] = [];
  const calls = createDiagnosis({
    ...world,
    settings,
    clock: systemClock,
    streams: { views: () => [] },
    userAgent: "Holdfast/test",
    words: () => words("en"),
    publish: (view) => told.push({ at: performance.now(), view }),
    routeFor: async () => ({ kind: "direct" }),
    chooseFile: async () => null,
    fault: (error) => {
      throw error;
    },
    ...more,
  });
  const through = () => expect.poll(() => told.at(-1)?.view.running, { timeout: 10_000, interval: 10 }).toBe(false);
  return { calls, told, through, secrets: world.secrets };
}

it("knows nothing before the first, and answers at once when one begins", async () => {
  const { calls, through } = served();
  expect([calls.get(undefined), calls.report("json")]).toEqual([null, null]);
  const server = await rawServer(refuses);
  expect(await calls.start({ ...blank, url: server.url })).toEqual({ errors: [] });
  expect(calls.get(undefined)).toMatchObject({ running: true, target: server.url, verdict: null });
  await through();
  expect(calls.get(undefined)).toMatchObject({
    running: false,
    verdict: "broken",
    findings: [{ code: "no-route" }],
  });
});

it("asks for a stream with its own headers and secrets, and the direct address with none", async () => {
  const [server, direct] = [await rawServer(refuses), await rawServer(refuses)];
  const headers = [{ name: "X-Key", value: "", secret: true }];
  const { calls, through, secrets } = served([anEndpoint({ id: "orders", url: server.url, headers })]);
  secrets.set("orders/header:x-key", "canary-key");
  await calls.start({ ...blank, stream: "orders", compare: direct.url });
  await through();
  expect(server.talks.map((talk) => talk.header("x-key"))).toEqual(["canary-key", "canary-key"]);
  expect(direct.talks.map((talk) => talk.header("x-key"))).toEqual([null]);
  const reports = `${calls.report("markdown")}${calls.report("json")}`;
  expect(reports).not.toMatch(/canary|127\.0\.0\.1/);
  expect(reports).toContain("no-route");
});

it.each([
  [{ ...blank, url: "nonsense" }, "url", "url-invalid"],
  [{ ...blank, url: "" }, "url", "required"],
  [{ ...blank, url: "http://a.example/", compare: "ftp://x" }, "compare", "url-scheme"],
  [{ ...blank, stream: "nobody" }, "stream", "stream-id-invalid"],
  [{ ...blank, stream: "posted" }, "stream", "diagnose-needs-get"],
  [{ ...blank, stream: "guarded" }, "stream", "diagnose-no-credential"],
] as const)("refuses %j", async (argument, field, code) => {
  const posted = anEndpoint({ id: "posted", name: "posted", method: "POST" });
  const guarded = anEndpoint({ id: "guarded", name: "guarded", credential: { kind: "bearer" } });
  const { calls } = served([posted, guarded]);
  expect(await calls.start(argument)).toEqual({ errors: [{ field, code, params: {} }] });
  expect(words("en").sayCode("field", code, {}, "field.unknown")).not.toContain(code);
});

it("ends the one before, and the one that is cancelled says so", async () => {
  const silent = await rawServer(() => {});
  const { calls, told, through } = served();
  await calls.start({ ...blank, url: silent.url });
  await expect.poll(() => silent.open).toBe(1);
  await calls.start({ ...blank, url: silent.url.replace("events", "second") });
  await expect.poll(() => silent.talks.length).toBe(2);
  expect(told.some(({ view }) => view.stopped !== null)).toBe(false);
  calls.cancel(undefined);
  await through();
  expect(calls.get(undefined)).toMatchObject({ running: false, stopped: { code: "cancelled" } });
  expect((await calls.get(undefined))?.target).toContain("/second");
  await expect.poll(() => silent.open).toBe(0);
});

it("tells no more than ten times a second, and the end at once", async () => {
  const server = await rawServer((talk) => void setTimeout(() => refuses(talk), 400));
  const { calls, told, through } = served();
  await calls.start({ ...blank, url: server.url });
  await through();
  const gaps = told.slice(1, -1).map(({ at }, i) => at - (told[i]?.at ?? 0));
  expect(gaps.every((gap) => gap > 95)).toBe(true);
  expect(told.at(-1)?.view.verdict).toBe("broken");
});

it("writes the report to where the user says, and nowhere when he does not", async () => {
  const path = join(temporaryFolder(), "report.md");
  const answers: (string | null)[] = [null, path];
  const { calls, through } = served([], { chooseFile: async () => answers.shift() ?? null });
  const server = await rawServer(refuses);
  expect(await calls.save("markdown")).toBeNull();
  await calls.start({ ...blank, url: server.url });
  await through();
  expect(await calls.save("markdown")).toBeNull();
  expect(await calls.save("markdown")).toBe(path);
  expect(readFileSync(path, "utf8")).toBe(calls.report("markdown"));
});
