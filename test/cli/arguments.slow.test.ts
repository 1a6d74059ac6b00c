/** Bad arguments: exit 2, a message that names the argument, nothing on stdout, no stack trace, no secret. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planDemo } from "../../main/cli/demo.ts";
import { planWatch, type WatchPlan } from "../../main/cli/watch-plan.ts";
import { cli } from "./program.ts";

const url = "http://127.0.0.1:9/";
/** A plan that holds a stream. */
function live(args: string[], env: Record<string, string> = {}): Extract<WatchPlan, { replay: null }> {
  const plan = planWatch(args, env);
  if (plan.replay !== null) throw new Error("a replay");
  return plan;
}
const bad: readonly (readonly [args: string[], says: RegExp])[] = [
  [[], /command is missing[\s\S]*usage/],
  [["wacth"], /no command "wacth"/],
  [["watch"], /URL is missing/],
  [["watch", "ftp://x/"], /URL/],
  [["watch", "file:///etc/passwd"], /URL/],
  [["watch", "x"], /URL/],
  [["watch", "http://bob:s3cret@host/"], /URL/],
  [["watch", url, "http://y/"], /"http:\/\/y\/"/],
  [["watch", url, "--nope"], /--nope/],
  [["watch", url, "--header", "no colon"], /--header/],
  [["watch", url, "--header", ": v"], /--header/],
  [["watch", url, "--header", "X A: v"], /--header "X A"/],
  [["watch", url, "--header", "X-A: s3cret\r\nX-Evil: 1"], /--header "X-A"/],
  [["watch", url, "--header", "X-A: s3cret\r\n"], /--header "X-A"/],
  [["watch", url, "--header", "X-A\r\nX-Evil: 1"], /--header/],
  [["watch", url, "--header", "Host: s3cret"], /--header "Host"/],
  [["watch", url, "--header", "Last-Event-ID: s3cret"], /--header "Last-Event-ID"/],
  [["watch", url, "--header", "@/not/there"], /@\/not\/there/],
  [["watch", url, "--header-env", "NOT_THERE_AT_ALL"], /NOT_THERE_AT_ALL/],
  [["watch", url, "--last-event-id", "a\r\nb"], /--last-event-id/],
  [["watch", url, "--idle-timeout", "0"], /--idle-timeout/],
  [["watch", url, "--idle-timeout", "1.5"], /--idle-timeout/],
  [["watch", url, "--connect-timeout", "soon"], /--connect-timeout/],
  [["watch", url, "--connect-timeout", ""], /--connect-timeout/],
  [["watch", url, "--max-events", "0"], /--max-events/],
  [["watch", url, "--max-events", "1e3"], /--max-events/],
  [["watch", url, "--for", "2147483648"], /--for/],
  [["watch", url, "--for"], /--for/],
  [["watch", url, "--body", "x"], /--body/],
  [["watch", url, "--method", "GET", "--body", "x"], /--body/],
  [["watch", url, "--method", "HEAD"], /--method/],
  [["watch", url, "--method", "P\r\nX: 1"], /--method/],
  [["watch", url, "--json", "--pretty"], /--json/],
  [["demo", "extra"], /extra/],
  [["demo", "--port", "65536"], /--port/],
  [["demo", "--rate", "0"], /--rate/],
  [["demo", "--rate", "fast"], /--rate/],
  [["demo", "--fault", "nope=1"], /"nope"/],
  [["demo", "--fault", "status=99"], /--fault status/],
  [["demo", "--fault", "reset-after"], /--fault reset-after/],
  [["demo", "--fault", "half-event=0"], /--fault half-event/],
];

// In this process for all, and as a program for some of each kind: a start takes its time.
const plan = ([command, ...rest]: string[]) => (command === "demo" ? planDemo(rest) : planWatch(rest, {}));
it.each(bad.filter(([[command]]) => command === "watch" || command === "demo"))("refuses %j", (args, says) => {
  expect(() => plan(args)).toThrow(says);
  expect(() => plan(args)).not.toThrow(/s3cret|undefined|NaN/);
});
it("exits 2 as a program, and says why, without a stack trace or a word on stdout", { timeout: 60_000 }, async () => {
  for (const [args, says] of bad.filter(([args], n) => args.length < 2 || n % 5 === 0)) {
    const program = cli(args);
    expect(await program.exited, args.join(" ")).toBe(2);
    expect(program.out).toEqual([]);
    expect(program.stderr).toMatch(says);
    expect(program.stderr).not.toMatch(/^\s+at |node:internal|Error:|s3cret/m);
  }
});

it.each([
  [["--header", "X-A: b"], [["X-A", "b"]]],
  [["--header", "X-A:b:c"], [["X-A", "b:c"]]],
  [["--header", "X-A: \t b \t"], [["X-A", "b"]]],
  [["--header", "X-A:"], [["X-A", ""]]],
  [
    ["--header", "Authorization: Bearer x", "--header", "X-B: c"],
    [
      ["Authorization", "Bearer x"],
      ["X-B", "c"],
    ],
  ],
  [["--header-env", "TOKEN_LINE"], [["X-Token", "from env"]]],
])("takes %j", async (args, headers) => {
  const { plan } = live([url, ...(args as string[])], { TOKEN_LINE: "X-Token: from env" });
  expect(await plan.routes[0]?.headers()).toEqual(headers);
});
it("takes headers from a file, one a line", () => {
  const file = join(mkdtempSync(join(tmpdir(), "holdfast-cli-")), "headers");
  writeFileSync(file, "X-A: 1\r\n\nX-B: 2\n");
  expect(live([url, "--header", `@${file}`]).endpoint.headers.map(({ name }) => name)).toEqual(["X-A", "X-B"]);
});
it("takes the longest times that a timer holds", () => {
  expect(planWatch([url, "--for", "2147483647"], {}).forMs).toBe(2_147_483_647);
});
it("lets --connect-timeout bound the headers, and a request other than GET be repeated only on request", () => {
  const { policy } = live([url, "--connect-timeout", "20000", "--method", "post", "--body", "x"]).plan;
  expect(policy).toMatchObject({ headersTimeoutMs: 20_000, connectTimeoutMs: 20_000, repeatable: false });
  expect(live([url, "--method", "POST", "--repeat"]).plan.policy.repeatable).toBe(true);
  expect(live([url]).plan.policy).toMatchObject({
    repeatable: true,
    headersTimeoutMs: 15_000,
    connectTimeoutMs: 10_000,
    idleTimeoutMs: null,
  });
});
it.each([
  ["--version", /^\d+\.\d+\.\d+$/],
  ["--help", /^usage: /],
])("prints %s and exits 0", { timeout: 30_000 }, async (flag, says) => {
  const program = cli([flag]);
  expect(await program.exited).toBe(0);
  expect(program.out[0]).toMatch(says);
});
