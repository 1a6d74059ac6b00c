/** `npm run lab` as a program: what it prints, where its page leads, and that nothing of it is left after Ctrl-C. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { missingProgram } from "./lab-process.ts";
import { probe } from "./probe.ts";

const root = join(import.meta.dirname, "../..");

function lab(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, ["build/setup/run.mjs", "lab", ...args], { cwd: root });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  onTestFinished(async () => {
    child.kill("SIGINT");
    await exited;
  });
  return { child, exited, said: () => output };
}

it("keeps the lab up with a page of links until Ctrl-C, which ends all of it", async (ctx) => {
  const missing = missingProgram("nginx");
  if (missing !== null) return ctx.skip(missing);
  const { child, exited, said } = lab("nginx-good", "http-proxy-header");
  await expect.poll(said, { timeout: 60_000 }).toMatch(/the page of links: http:\S+/);
  const page = await probe(/the page of links: (http:\S+)/.exec(said())?.[1] ?? "", 5000);
  expect(page.headers["content-type"]).toContain("text/html");
  const links = [...page.body.matchAll(/href="([^"]+)"/g)].map(([, href]) => href ?? "");
  const nginx = /nginx-good +(http:\S+)/.exec(said())?.[1] ?? "";
  expect(links).toEqual(expect.arrayContaining([`${nginx}/events`, `${nginx}/mute`]));
  expect((await probe(`${nginx}/events`, 1500)).body).toContain("id: 1\n");

  child.kill("SIGINT");
  expect(await exited).toBe(130);
  for (const url of links) expect((await probe(url, 2000)).status).toBeNull();
});

it("names what there is when nothing is called like that", async () => {
  const { exited, said } = lab("ngimx");
  expect(await exited).toBe(1);
  expect(said()).toContain("no configuration is called like ngimx; there are gateway-good, gateway-idle");
});
