/** `watch` as a program against a server that cuts: nothing is lost and nothing comes twice. Slow: it waits between attempts. */
import { expect, it, onTestFinished } from "vitest";
import { type Faults, startDemoServer } from "../../main/io/demo/demo-server.ts";
import { watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

it.each([
  [{ "reset-after": 7 }, "reset"],
  [{ "half-event": 9 }, "ended"],
  [{ "idle-cut": 60 }, "ended"],
] as [Faults, string][])(
  "brings every event of a server with %j once, in order",
  { timeout: 60_000 },
  async (faults, kind) => {
    // At 5 a second, an idle cut after 60 ms falls between any two events: with short delays it would dial at every one.
    const patient = { PROXY: { firstMs: 2500, capMs: 5000, factor: 1, attempts: 3 } };
    const policy = quickly(faults["idle-cut"] === undefined ? {} : patient);
    const server = await startDemoServer({ port: 0, rateHz: 5, faults });
    onTestFinished(() => server.close());
    // As many as four connections bring, since later ones keep the pace; more there: on a busy machine one wait brings half of them at once.
    const wanted = faults["idle-cut"] === undefined ? 28 : 80;
    const program = watch(server.url, "--max-events", `${wanted}`, "--last-event-id", "0", ...policy);
    expect(await program.exited).toBe(0);
    expect(program.events.map(({ id }) => Number(id))).toEqual(Array.from({ length: wanted }, (_, i) => i + 1));
    expect(program.events.map(({ seq }) => seq)).toEqual(
      program.events.map(({ seq }) => seq).toSorted((a, b) => a - b),
    );
    const causes = program.states.flatMap(({ failure }) => (failure === null ? [] : [failure.kind]));
    expect(causes.length).toBeGreaterThan(1);
    expect(new Set(causes)).toEqual(new Set([kind]));
    expect(program.lines.filter((line) => line.kind === "gap")).toEqual([]);
  },
);
