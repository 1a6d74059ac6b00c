/** The command line as users, launchers, Chromium and Playwright write it. */
import { describe, expect, it } from "vitest";
import { parseFlags } from "../main/flags.ts";

const none = { dataDir: null, stats: null, demo: false, screenshot: null, smoke: false, hidden: false };
const parse = (argv: string[], env: Record<string, string> = {}) => parseFlags(argv, env, "/home/user");

describe("our flags", () => {
  it.each<[string[], object]>([
    [[], {}],
    [["--data-dir", "/data"], { dataDir: "/data" }],
    [["--data-dir=data with space"], { dataDir: "/home/user/data with space" }],
    [["--stats"], { stats: { port: null } }],
    [["--stats-port", "0"], { stats: { port: 0 } }],
    [["--stats", "--stats-port=1421"], { stats: { port: 1421 } }],
    [["--demo", "--hidden", "--smoke"], { demo: true, hidden: true, smoke: true }],
    [["--screenshot", "../a.png"], { screenshot: "/home/a.png" }],
    [["--data-dir", "/first", "--data-dir", "/last"], { dataDir: "/last" }],
  ])("reads %j", (argv, flags) => {
    expect(parse(argv)).toEqual({ ok: true, flags: { ...none, ...flags } });
  });

  it.each<[string, string[], Record<string, string>, string | null]>([
    ["takes the folder of the environment", [], { HOLDFAST_DATA_DIR: "env" }, "/home/user/env"],
    ["prefers the flag to the environment", ["--data-dir", "/flag"], { HOLDFAST_DATA_DIR: "/env" }, "/flag"],
    ["takes an empty variable for none", [], { HOLDFAST_DATA_DIR: "" }, null],
  ])("%s", (_what, argv, env, dataDir) => {
    expect(parse(argv, env)).toEqual({ ok: true, flags: { ...none, dataDir } });
  });
});

describe("mistakes", () => {
  it.each<[string[], string, string]>([
    [["--data-dirr", "/x"], "flag-unknown", "--data-dirr"],
    [["--datadir=/x"], "flag-unknown", "--datadir"],
    [["--demo", "--nonsense"], "flag-unknown", "--nonsense"],
    [["--__proto__"], "flag-unknown", "--__proto__"],
    [["--constructor"], "flag-unknown", "--constructor"],
    [["--data-dir"], "flag-needs-value", "--data-dir"],
    [["--data-dir="], "flag-needs-value", "--data-dir"],
    [["--data-dir", "--demo"], "flag-needs-value", "--data-dir"],
    [["--demo=1"], "flag-takes-no-value", "--demo"],
    [["--stats-port", "65536"], "flag-bad-port", "--stats-port"],
    [["--stats-port", "-1"], "flag-bad-port", "--stats-port"],
    [["--stats-port=1e3"], "flag-bad-port", "--stats-port"],
  ])("names what is wrong in %j", (argv, code, flag) => {
    expect(parse(argv)).toMatchObject({ ok: false, problem: { code, params: { flag } } });
  });

  it("lists the flags there are beside the one there is not", () => {
    expect(parse(["--help"])).toMatchObject({
      problem: { params: { known: expect.stringContaining("--data-dir, --stats") } },
    });
  });
});

describe("what is not ours", () => {
  it.each([
    ...["--no-sandbox", "--password-store=gnome-libsecret", "--inspect", "--inspect=0", "--inspect-brk=9229"],
    ...[
      "--remote-debugging-port=0",
      "--lang=zh-CN",
      "--force-device-scale-factor=2",
      "--disable-gpu",
      "--enable-logging",
    ],
    ...["--user-data-dir=/x", "--ozone-platform=x11", "--ozone-platform-hint=auto", "--enable-features=A,B"],
    ...[
      "--disable-features=C",
      "--js-flags=--expose-gc",
      "--origin-to-force-quic-on=localhost:1",
      "--proxy-server=p:1",
    ],
    ...["--proxy-pac-url=data:", "--headless", "-r", "-psn_0_1234", "/opt/app", "holdfast://add", ""],
  ])("passes %s", (word) => {
    expect(parse([word, "--demo"])).toEqual({ ok: true, flags: { ...none, demo: true } });
  });

  it("passes everything after --", () => {
    expect(parse(["--", "--nonsense", "--demo"])).toEqual({ ok: true, flags: none });
  });
});
