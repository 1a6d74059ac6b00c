/** What the app leaves of a stream that has halted: a line in its log, and the steps that led to it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Backend } from "../main/backend.ts";
import { replay } from "../main/cli/replay.ts";
import { noVault } from "../main/io/stores/secrets.ts";
import { plainShelf } from "../main/io/stores/shelf.ts";
import { rawServer } from "./fakes/raw-server.ts";
import { anEndpoint } from "./fakes/stream-world.ts";
import { temporaryFolder } from "./io/temporary-folder.ts";

it("writes the steps that led to a halt beside its log, which names the file, so that they can be taken again", async () => {
  const server = await rawServer((talk) => void talk.answer("204 No Content"));
  const dataDir = temporaryFolder();
  const backend = await Backend.open({
    dataDir,
    policyFile: null,
    shelf: plainShelf,
    vault: noVault,
    journalWorker: new URL("file:///not/there.js"),
    searchWorker: new URL("file:///not/there.js"),
    flags: {},
  });
  onTestFinished(() => backend.close());
  await backend.start({ streamsChanged() {}, settingsChanged() {}, appChanged() {}, recorded() {} });
  expect(backend.settings.saveEndpoint(anEndpoint({ url: server.url }))).toEqual([]);
  const phase = () => backend.streams.views()[0]?.phase;
  await expect.poll(phase, { timeout: 5000 }).toBe("halted");
  await backend.close();
  const logs = join(dataDir, "logs");
  expect(readFileSync(join(logs, "holdfast.log"), "utf8")).toMatch(
    /orders: the steps that led to it are in ring-orders.ndjson/,
  );
  const said: string[] = [];
  const printed: string[] = [];
  const code = await replay(
    join(logs, "ring-orders.ndjson"),
    (line) => void said.push("phase" in line ? line.phase : line.kind),
    (line) => void printed.push(line),
  );
  expect([code, said]).toEqual([0, ["connecting", "halted"]]);
  expect(printed).toMatchObject([expect.stringContaining('"differences":0')]);
});
