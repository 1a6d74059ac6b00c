/** `watch` by a forward proxy: the environment, the argument, what its lines say, and how a bad proxy ends. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { forwardProxy } from "../fakes/forward-proxy.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { socksServer } from "../fakes/socks-server.ts";
import { cli, watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const nothing = {
  http_proxy: "",
  https_proxy: "",
  all_proxy: "",
  no_proxy: "",
  HTTP_PROXY: "",
  HTTPS_PROXY: "",
  ALL_PROXY: "",
  NO_PROXY: "",
};
const by = (env: Record<string, string>, ...args: string[]) =>
  cli(["watch", ...args, ...quickly()], { ...nothing, ...env });

it("goes by the environment's proxy without being told, resumes through it, and says so in every state line", async () => {
  const origin = await eventOrigin();
  const proxy = await forwardProxy({ hosts: { "stream.test": origin.port }, wants: "ann:s3cret" });
  const program = by({ HTTP_PROXY: `http://ann:s3cret@127.0.0.1:${proxy.port}` }, "http://stream.test/events");
  const isOpen = (line: (typeof program.lines)[number]) => line.kind === "state" && line.phase === "open";
  await program.until(isOpen);
  origin.publishMany(5);
  await expect.poll(() => program.events.length, { timeout: 10_000 }).toBe(5);
  proxy.cut();
  origin.publishMany(5);
  await expect.poll(() => program.events.length, { timeout: 10_000 }).toBe(10);
  program.child.kill("SIGINT");
  expect(await program.exited).toBe(0);
  expect(program.events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  expect(origin.asked.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "5"]);
  const open = program.states.filter(({ phase }) => phase === "open");
  expect(open.map((line) => line.proxy)).toEqual(open.map(() => `http://127.0.0.1:${proxy.port}`));
  expect(program.out.join() + program.stderr).not.toContain("s3cret");
});

it("goes by the proxy of the argument, even to this computer, whatever the environment says", async () => {
  const origin = await eventOrigin();
  const proxy = await socksServer({ hosts: { "127.0.0.1": origin.port } });
  const program = by({ ALL_PROXY: "http://127.0.0.1:9" }, origin.url, "--proxy", `socks5://127.0.0.1:${proxy.port}`);
  await program.until((line) => line.kind === "state" && line.phase === "open");
  expect(program.states.at(-1)?.proxy).toBe(`socks5://127.0.0.1:${proxy.port}`);
  expect(proxy.asked).toEqual([`127.0.0.1:${origin.port}`]);
});

it.each([
  ["with --proxy none", { ALL_PROXY: "http://127.0.0.1:9" }, ["--proxy", "none"]],
  ["for what is on this computer", { ALL_PROXY: "http://127.0.0.1:9" }, []],
])("goes directly %s", async (_what, env, args) => {
  const origin = await eventOrigin();
  const program = by(env, origin.url, ...args);
  await program.until((line) => line.kind === "state" && line.phase === "open");
  expect(program.states.at(-1)?.proxy).toBeNull();
});

it.each(["https://stream.test/events", "http://stream.test/events"])(
  "a proxy that takes the connection and never answers ends at our deadline, for %s",
  async (url) => {
    const proxy = await rawServer(() => {});
    const program = by({}, url, "--proxy", `127.0.0.1:${proxy.port}`, "--connect-timeout", "600");
    const waiting = (line: (typeof program.lines)[number]) => line.kind === "state" && line.phase === "waiting";
    expect(await program.until(waiting)).toMatchObject({
      proxy: `http://127.0.0.1:${proxy.port}`,
      failure: { family: "PROXY", kind: "proxy-timeout", final: false },
    });
    await expect.poll(() => proxy.talks.length, { timeout: 10_000 }).toBeGreaterThan(1);
    program.child.kill("SIGINT");
    expect(await program.exited).toBe(0);
    await expect.poll(() => proxy.open).toBe(0);
  },
);

it("a proxy that wants a password halts it after one try", async () => {
  const proxy = await forwardProxy({ hosts: {}, wants: "ann:right" });
  const program = by({ HTTPS_PROXY: `http://ann:wr0ng@127.0.0.1:${proxy.port}` }, "https://stream.test/events");
  expect(await program.exited).toBe(3);
  expect(program.states.at(-1)).toMatchObject({
    phase: "halted",
    failure: { kind: "proxy-auth", status: 407, final: true },
  });
  expect(proxy.asked).toEqual(["CONNECT stream.test:443"]);
  expect(program.out.join() + program.stderr).not.toContain("wr0ng");
});

it.each([
  ["http://ann:s3cret@proxy:1", "HTTPS_PROXY"],
  ["socks4://proxy:1", "--proxy: wants"],
  ["", "--proxy: wants"],
])("refuses --proxy %j with exit 2 and without quoting it", async (value, says) => {
  const program = watch("http://stream.test/", "--proxy", value);
  expect(await program.exited).toBe(2);
  expect(program.stderr).toContain(says);
  expect(program.stderr).not.toContain("s3cret");
});
