import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { CredentialError } from "../../main/io/auth/credential-error.ts";
import { runTokenProgram } from "../../main/io/auth/token-program.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A real program: node with this code. Arguments follow in process.argv from 1. */
const node = (code: string, ...args: string[]) => [process.execPath, "-e", code, "--", ...args];
const run = (argv: readonly string[], signal = new AbortController().signal) =>
  runTokenProgram(argv, systemClock, signal).then(String);
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A child that nobody has waited for yet still has its number.
    return process.platform !== "linux" || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

it("gives what the program prints", async () => {
  expect(await run(node('process.stdout.write("tok"); setTimeout(() => console.log("en"), 50)'))).toBe("token\n");
});

it("hands arguments on as they are: no shell reads them", async () => {
  const args = ["$HOME", "a; echo b", "`id`", "*", "", '"', "ü"];
  expect(JSON.parse(await run(node("console.log(JSON.stringify(process.argv.slice(1)))", ...args)))).toEqual(args);
});

it("runs it in the home folder, with nothing to read", async () => {
  const code = 'process.stdin.on("end", () => console.log(process.cwd())).resume()';
  expect(await run(node(code))).toBe(`${homedir()}\n`);
});

it("is not disturbed by complaints, however long", async () => {
  expect(await run(node('process.stderr.write("x".repeat(3e6), () => console.log("ok"))'))).toBe("ok\n");
});

it.each([
  ["the exit code", node('console.log("secret"); console.error("secret"); process.exitCode = 3'), "exit 3"],
  ["the signal that ended it", node('console.log("secret"); process.kill(process.pid, "SIGTERM")'), "exit SIGTERM"],
  ["that there is no such program", ["/nowhere/secret-helper"], "not-started ENOENT"],
  ["that it is no program", [homedir()], "not-started EACCES"],
  ["that there is none", [], "not-started ERR_INVALID_ARG_VALUE"],
  ["that an argument cannot be handed on", node("", "sec\0ret"), "not-started ERR_INVALID_ARG_VALUE"],
  ["that it said too much", node('setInterval(() => process.stdout.write("secret".repeat(9999)), 1)'), "too-large"],
])("says %s and not what was printed", async (_name, argv, message) => {
  const error: unknown = await run(argv).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CredentialError);
  expect(error).toMatchObject({ message });
  expect(inspect(error)).not.toMatch(/sec.*ret/);
});

it.skipIf(process.platform === "win32")("ends a program that does not end, and what it has started", async () => {
  const path = join(temporaryFolder(), "pids");
  const child = `require("node:fs").appendFileSync(${JSON.stringify(path)}, process.pid + "\\n");
    process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`;
  const parent = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}]); ${child}`;
  const end = new AbortController();
  const error = run(node(parent), end.signal).catch((reason: unknown) => reason);
  const pids = () => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").map(Number) : []);
  onTestFinished(() => {
    for (const pid of pids().filter(isAlive)) process.kill(pid, "SIGKILL");
  });
  await expect.poll(() => pids().length, { timeout: 5000 }).toBe(2);
  const reason = new CredentialError("timeout");
  end.abort(reason);
  expect(await error).toBe(reason);
  await expect.poll(() => pids().filter(isAlive)).toEqual([]);
});

it("does not start what nobody waits for any more", async () => {
  const reason = new CredentialError("closed");
  await expect(run(node("setInterval(() => {}, 1000)"), AbortSignal.abort(reason))).rejects.toBe(reason);
});

it("takes the token of a program that leaves a helper behind, which holds its output open", async () => {
  const helper = "setTimeout(() => {}, 4000)";
  const code = `const { spawn } = require("node:child_process");
    spawn(process.execPath, ["-e", ${JSON.stringify(helper)}], { stdio: "inherit", detached: true }).unref();
    console.log("token");`;
  const from = performance.now();
  expect(await run(node(code))).toBe("token\n");
  expect(performance.now() - from).toBeLessThan(3000);
});
