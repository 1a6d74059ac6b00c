/** `watch --record` to a file that takes nothing, or nothing more. */
import { existsSync } from "node:fs";
import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { createRecorder } from "../../main/cli/recorder.ts";
import { initialState } from "../../main/core/connection/connection-state.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { aPlan } from "../fakes/stream-world.ts";
import { watch } from "./program.ts";

const { policy } = aPlan();
const state = initialState(policy);

it.runIf(existsSync("/dev/full"))("ends with 2 and says why when the disk is full", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk("data: x\n\n"));
  const run = watch(server.url, "--record", "/dev/full");
  expect(await run.exited).toBe(2);
  expect(run.stderr.trim()).toBe("watch: --record /dev/full: the file cannot be written (ENOSPC)");
});

it("tells once that the file takes no more, writes nothing after it, and says why at its end", async () => {
  const written: string[] = [];
  let failed = 0;
  const file = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk));
      done(written.length === 2 ? new Error("full") : null);
    },
  });
  const recorder = createRecorder(file, () => failed++);
  for (let n = 0; n < 3; n++) {
    recorder.ring.begin(policy, state);
    await new Promise(setImmediate);
  }
  expect([written.length, failed]).toEqual([2, 1]);
  await expect(recorder.close()).rejects.toThrow("full");
});

it("fails too when the last of it cannot be written", async () => {
  const file = new Writable({ write: (_chunk, _encoding, done) => void setImmediate(() => done(new Error("full"))) });
  const recorder = createRecorder(file);
  recorder.ring.begin(policy, state);
  await expect(recorder.close()).rejects.toThrow("full");
});

it("gives up a disk that hangs, before memory pays for it", async () => {
  const recorder = createRecorder(new Writable({ write: () => {} }));
  const big = { ...policy, candidates: policy.candidates.map((one) => ({ ...one, key: "x".repeat(1024 * 1024) })) };
  for (let n = 0; n < 80; n++) recorder.ring.begin(big, state);
  await expect(recorder.close()).rejects.toThrow("the disk is too slow");
});
