/** The window's calls about exports, with a real journal and real files; only the native dialog is answered here. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createExports, type ExportParts } from "../main/exports.ts";
import { systemClock } from "../main/io/system-clock.ts";
import type { Endpoint, Exporting, StreamView } from "../preload/contract.ts";
import { anEndpoint } from "./fakes/stream-world.ts";
import { aJournal } from "./io/a-journal.ts";
import { anEvent, everything } from "./io/journal-samples.ts";
import { temporaryFolder } from "./io/temporary-folder.ts";

async function served(count: number, endpoints: readonly Endpoint[] = [anEndpoint()]) {
  const journal = await aJournal(temporaryFolder());
  for (let at = 0; at < count; at += 200) {
    const events = Array.from({ length: Math.min(200, count - at) }, (_, n) =>
      anEvent({ type: n % 2 === 0 ? "even" : "odd", data: String(at + n) }),
    );
    await journal.append("orders", events, null);
  }
  const dir = temporaryFolder();
  const news: Exporting[] = [];
  const asked: string[] = [];
  const answer: { path: string | null } = { path: join(dir, "out") };
  const view = {
    id: "orders",
    name: "Orders",
    address: "https://example.org/orders",
    lastEventId: "o-7",
  } as StreamView;
  const calls = createExports({
    journal,
    settings: { view: () => ({ endpoints }) } as unknown as ExportParts["settings"],
    streams: { views: () => [view] },
    clock: systemClock,
    publish: (progress) => void news.push(progress),
    chooseFile: async (format, name) => {
      asked.push(`${name} as ${format}`);
      return answer.path;
    },
  });
  return {
    calls,
    dir,
    news,
    asked,
    answer,
    out: () => readFileSync(join(dir, "out"), "utf8").split("\n").slice(0, -1),
  };
}

it("asks for a file and answers when the events are in it", async () => {
  const { calls, news, asked, out, dir } = await served(2200);
  const wanted = { stream: "orders", choice: { what: "all" }, format: "ndjson" } as const;
  expect(await calls.export(wanted)).toEqual({ path: join(dir, "out"), written: 2200, cancelled: false });
  expect([out().length, asked, news[0]]).toEqual([2200, ["Orders as ndjson"], { written: 0, total: 2200 }]);
  const filter = { ...everything, types: ["odd"] };
  expect(await calls.export({ ...wanted, choice: { what: "filter", filter } })).toMatchObject({ written: 1100 });
  expect(await calls.export({ ...wanted, choice: { what: "seqs", seqs: [3, 9] } })).toMatchObject({ written: 2 });
  expect(out().map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([3, 9]);
});

it("writes nothing when the user changes his mind", async () => {
  const { calls, answer, dir, news } = await served(3);
  answer.path = null;
  expect(await calls.export({ stream: "orders", choice: { what: "all" }, format: "csv" })).toBeNull();
  expect([readdirSync(dir), news]).toEqual([[], []]);
});

it("refuses a second one while the first is written, ends the first when asked, and is free again", async () => {
  const { calls, dir } = await served(3000);
  const wanted = { stream: "orders", choice: { what: "all" }, format: "json" } as const;
  const first = calls.export(wanted);
  await expect(calls.export(wanted)).rejects.toMatchObject({ code: "export-busy", params: {} });
  calls.cancelExport(undefined);
  expect(await first).toMatchObject({ cancelled: true });
  expect(existsSync(join(dir, "out"))).toBe(false);
  expect(await calls.export(wanted)).toMatchObject({ written: 3000, cancelled: false });
});

it("says the curl command of a stream without any secret", async () => {
  const endpoint = anEndpoint({
    url: "https://example.org/orders?topic=a",
    credential: { kind: "header", name: "X-Shop" },
    headers: [
      { name: "X-Plain", value: "1", secret: false },
      { name: "X-Token", value: "", secret: true },
    ],
  });
  const { calls } = await served(0, [endpoint]);
  expect(calls.curl("orders")).toBe(
    "curl -N -H 'Accept: text/event-stream' -H 'X-Plain: 1' -H 'X-Token: YOUR-SECRET' -H 'X-Shop: YOUR-SECRET' -H 'Last-Event-ID: o-7' 'https://example.org/orders?topic=a'",
  );
  const bearer = await served(0, [anEndpoint({ credential: { kind: "bearer" } })]);
  expect(bearer.calls.curl("orders")).toContain("-H 'Authorization: Bearer YOUR-SECRET'");
  expect((await served(0, [])).calls.curl("orders")).toContain("https://example.org/orders");
  expect((await served(0, [])).calls.curl("nobody")).toBeNull();
});
