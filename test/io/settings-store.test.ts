import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { serverOf } from "../../main/io/addresses.ts";
import { electronShelf } from "../../main/io/stores/electron-shelf.ts";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { blankEndpoint, settingsVersion } from "../../main/io/stores/settings-schema.ts";
import { openSettings, type SettingsOptions } from "../../main/io/stores/settings-store.ts";
import { type OpenShelf, plainShelf } from "../../main/io/stores/shelf.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { temporaryFolder } from "./temporary-folder.ts";

// Outside Electron the package "electron" is only a path, and it must not go and fetch what is not there.
vi.hoisted(() => (process.env["ELECTRON_OVERRIDE_DIST_PATH"] = "/nowhere"));

const clock = { utc: () => Date.UTC(2026, 10, 23, 12, 30, 15) };
const asideName = "settings.corrupt-20261123T123015Z.json";
const orders: Endpoint = { ...blankEndpoint, id: "orders", name: "Orders", url: "https://example.org/orders" };

describe.each<[string, OpenShelf]>([
  ["plain files", plainShelf],
  ["electron-store", electronShelf],
])("settings in %s", (_, shelf) => {
  const open = (dir: string, options: Partial<SettingsOptions> = {}) =>
    openSettings({ dir, policyFile: null, clock, shelf, ...options });
  const stored = (dir: string) => JSON.parse(readFileSync(join(dir, "settings.json"), "utf8"));
  const write = (dir: string, content: string | Uint8Array) => writeFileSync(join(dir, "settings.json"), content);
  const problems = (dir: string, options: Partial<SettingsOptions> = {}) =>
    open(dir, options)
      .view()
      .problems.map(({ code, params }) => `${code} ${Object.values(params).join(" ")}`);

  it("begin with the defaults and write nothing until something is chosen", () => {
    const dir = temporaryFolder();
    const { general, endpoints, sources, problems } = open(dir).view();
    expect(general).toEqual({
      language: "system",
      theme: "system",
      closeToTray: true,
      closeExplained: false,
      notifications: true,
      retention: { days: 366, events: 10_000_000, mebibytes: 4096 },
      stats: { on: false, port: 1420 },
      policy: defaultPolicy,
      proxy: { mode: "system", url: "", username: "" },
    });
    expect([endpoints, sources, problems]).toEqual([[], {}, []]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("remember what was chosen, and only that", () => {
    const dir = temporaryFolder();
    const settings = open(dir);
    const heard = vi.fn();
    const end = settings.subscribe(heard);
    expect(settings.setGeneral({ theme: "dark", language: "system", stats: { on: true, port: 1420 } })).toEqual([]);
    expect(settings.saveEndpoint(orders)).toEqual([]);
    expect(heard).toHaveBeenCalledTimes(2);
    end();
    expect(stored(dir)).toEqual({
      version: settingsVersion,
      general: { theme: "dark", stats: { on: true } },
      endpoints: [orders],
    });
    const again = open(dir);
    expect(again.view()).toEqual(settings.view());
    expect(again.view().sources).toEqual({
      "general.theme": "file",
      "general.stats.on": "file",
      "endpoints.orders": "file",
    });
    expect(again.saveEndpoint({ ...orders, url: "https://example.org/new" })).toEqual([]);
    expect(again.removeEndpoint("orders")).toEqual([]);
    expect(again.view().endpoints).toEqual([]);
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it("refuse what is wrong, and take nothing of it", () => {
    const settings = open(temporaryFolder());
    settings.saveEndpoint(orders);
    const before = settings.view();
    expect(settings.saveEndpoint({ ...orders, id: "b", url: "x" }).map(({ code }) => code)).toEqual([
      "name-taken",
      "url-invalid",
    ]);
    expect(settings.setGeneral({ theme: "dark", language: "tlh" as never })).toEqual([
      { field: "language", code: "invalid", params: {} },
    ]);
    expect(settings.view()).toEqual(before);
  });

  it("keep secrets out of the file", () => {
    const dir = temporaryFolder();
    const settings = open(dir);
    const canary = "canary-secret";
    expect(
      settings.saveEndpoint({ ...orders, headers: [{ name: "Authorization", value: canary, secret: false }] }),
    ).not.toEqual([]);
    expect(
      settings.saveEndpoint({ ...orders, headers: [{ name: "X-Region", value: canary, secret: true }] }),
    ).not.toEqual([]);
    expect(settings.saveEndpoint({ ...orders, url: `https://u:${canary}@example.org/` })).not.toEqual([]);
    settings.setGeneral({ theme: "dark" });
    expect(readFileSync(join(dir, "settings.json"), "utf8")).not.toContain(canary);
  });

  it("hold the policy of reconnecting, and forget what is a default again", () => {
    const dir = temporaryFolder();
    const settings = open(dir);
    const { policy } = settings.view().general;
    const patient = { ...policy, NETWORK: { ...policy.NETWORK, firstMs: 100, capMs: 86_400_000 }, strict: true };
    expect(settings.setGeneral({ policy: patient })).toEqual([]);
    expect(stored(dir).general).toEqual({ policy: { NETWORK: { firstMs: 100, capMs: 86_400_000 }, strict: true } });
    expect(open(dir).view()).toMatchObject({
      general: { policy: patient },
      policyDefaults: defaultPolicy,
      sources: { "general.policy.NETWORK.firstMs": "file", "general.policy.strict": "file" },
    });
    expect(settings.setGeneral({ policy: defaultPolicy })).toEqual([]);
    expect(stored(dir).general).toEqual({});
  });

  it.each<[object, string, string, object]>([
    [{ NETWORK: { firstMs: 99 } }, "policy.NETWORK.firstMs", "number-between", { min: 100, max: 86_400_000 }],
    [{ AUTH: { capMs: 86_400_001 } }, "policy.AUTH.capMs", "number-between", { min: 100, max: 86_400_000 }],
    [{ SERVER: { factor: 10.1 } }, "policy.SERVER.factor", "number-between", { min: 1, max: 10 }],
    [{ PROXY: { attempts: 1.5 } }, "policy.PROXY.attempts", "number-between", { min: 1, max: 100 }],
    [{ resetAfterMs: 0 }, "policy.resetAfterMs", "number-between", { min: 100, max: 86_400_000 }],
    [{ strict: 1 }, "policy.strict", "invalid", {}],
    [{ PROXY: { firstMs: 900_001 } }, "policy.PROXY.capMs", "cap-below-first", {}],
    [{ PROXY: { capMs: 14_999 } }, "policy.PROXY.capMs", "cap-below-first", {}],
  ])("refuse the policy %j", (policy, field, code, params) => {
    const settings = open(temporaryFolder());
    expect(settings.setGeneral({ policy })).toEqual([{ field, code, params }]);
    expect(settings.view().general.policy).toEqual(defaultPolicy);
  });

  it.each<[object, string, object]>([
    [{ days: 0 }, "days", { min: 1, max: 36_500 }],
    [{ days: 1.5 }, "days", { min: 1, max: 36_500 }],
    [{ events: 99 }, "events", { min: 100, max: 1_000_000_000 }],
    [{ mebibytes: "much" }, "mebibytes", { min: 1, max: 1_048_576 }],
  ])("refuse to keep %j, and name the field", (retention, field, params) => {
    const settings = open(temporaryFolder());
    const errors = settings.setGeneral({ retention: retention as { days: number } });
    expect(errors).toEqual([{ field: `retention.${field}`, code: "whole-between", params }]);
    expect(settings.view().general.retention).toEqual(settings.view().retentionDefaults);
  });

  it("remember how much is kept, of every stream and of one", () => {
    const dir = temporaryFolder();
    const settings = open(dir);
    expect(settings.setGeneral({ retention: { days: 30 } })).toEqual([]);
    const own = { days: null, events: 5000, mebibytes: null };
    const endpoint = { ...blankEndpoint, id: "orders", name: "Orders", url: "https://example.org/", retention: own };
    expect(settings.saveEndpoint(endpoint)).toEqual([]);
    const { general, endpoints } = open(dir).view();
    expect([general.retention, endpoints[0]?.retention]).toEqual([
      { days: 30, events: 10_000_000, mebibytes: 4096 },
      own,
    ]);
  });

  it("let what an older file says of the policy not stand in the way of another change", () => {
    const dir = temporaryFolder();
    write(dir, JSON.stringify({ version: 2, general: { policy: { PROXY: { capMs: 1000 } } } }));
    const settings = open(dir);
    expect(settings.setGeneral({ theme: "dark", policy: { NETWORK: { attempts: 3 } } })).toEqual([]);
    expect(settings.setGeneral({ policy: { PROXY: { attempts: 3 } } })).toMatchObject([{ code: "cap-below-first" }]);
  });

  it("take a token command only from the file, or as the user has agreed to it", () => {
    const dir = temporaryFolder();
    const by = (...argv: string[]): Endpoint => ({ ...orders, credential: { kind: "command", argv } });
    const refused = [{ field: "credential.argv", code: "command-not-chosen", params: {} }];
    const settings = open(dir);
    expect([settings.saveEndpoint(by("/bin/a")), settings.check(by("/bin/a"))]).toEqual([refused, refused]);
    settings.allowCommand("orders", serverOf(orders.url), ["/bin/a", "x"]);
    expect(settings.saveEndpoint(by("/bin/a", "x", "y"))).toEqual(refused);
    expect(settings.saveEndpoint({ ...by("/bin/a", "x"), id: "other" })).toEqual(refused);
    expect(settings.saveEndpoint(by("/bin/a", "x"))).toEqual([]);
    const again = open(dir);
    expect(again.view().endpoints).toEqual([by("/bin/a", "x")]);
    expect(again.saveEndpoint({ ...by("/bin/a", "x"), paused: true })).toEqual([]);
    expect(again.saveEndpoint(by("/bin/a"))).toEqual(refused);
    expect(again.saveEndpoint(orders)).toEqual([]);
    expect(again.saveEndpoint(by("/bin/a", "x"))).toEqual(refused);
    expect(settings.removeEndpoint("orders")).toEqual([]);
    expect(settings.saveEndpoint(by("/bin/a", "x"))).toEqual(refused);
  });

  describe("in layers", () => {
    const withPolicy = (policy: object | string, options: Partial<SettingsOptions> = {}) => {
      const policyFile = join(temporaryFolder(), "policy.json");
      writeFileSync(policyFile, typeof policy === "string" ? policy : JSON.stringify(policy), { mode: 0o644 });
      return { ...options, policyFile };
    };

    it("let the policy win over the file, and the flags over both, and say so", () => {
      const dir = temporaryFolder();
      const file = open(dir);
      file.setGeneral({ theme: "dark", language: "en", closeToTray: false });
      file.saveEndpoint(orders);
      const policy = { general: { theme: "light", language: "zh-CN" }, endpoints: [{ ...orders, name: "Managed" }] };
      const { general, endpoints, sources } = open(
        dir,
        withPolicy(policy, { flags: { general: { theme: "system" } } }),
      ).view();
      expect(general).toMatchObject({ theme: "system", language: "zh-CN", closeToTray: false, notifications: true });
      expect(endpoints).toEqual([{ ...orders, name: "Managed" }]);
      expect(sources).toEqual({
        "general.theme": "flag",
        "general.language": "policy",
        "general.closeToTray": "file",
        "endpoints.orders": "policy",
      });
    });

    it("do not change what is locked, and lose nothing of the file under it", () => {
      const dir = temporaryFolder();
      open(dir).setGeneral({ theme: "dark" });
      const settings = open(
        dir,
        withPolicy({ general: { theme: "light", stats: { on: false } }, endpoints: [orders] }),
      );
      const locked = (field: string) => ({ field, code: "locked", params: {} });
      expect(settings.setGeneral({ theme: "dark", language: "en" })).toEqual([locked("theme")]);
      expect(settings.setGeneral({ stats: { on: true, port: 9 } })).toEqual([locked("stats.on")]);
      expect(settings.saveEndpoint({ ...orders, paused: true })).toEqual([locked("id")]);
      expect(settings.removeEndpoint("orders")).toEqual([locked("id")]);
      expect(settings.setGeneral({ theme: "light", stats: { on: false, port: 9 } })).toEqual([]);
      expect(stored(dir)).toEqual({
        version: settingsVersion,
        general: { theme: "dark", stats: { port: 9 } },
        endpoints: [],
      });
    });

    it.each(["{", "[]", '{"__proto__":{"x":1}}'])("go on without a policy that is no JSON object: %s", (content) => {
      const options = withPolicy(content);
      expect(problems(temporaryFolder(), options)).toEqual([`policy-ignored ${options.policyFile} not-json`]);
    });

    it("do not follow a policy that others than root and the user could have written", () => {
      const options = withPolicy({ general: { theme: "light" } });
      chmodSync(options.policyFile, 0o666);
      expect(problems(temporaryFolder(), options)).toEqual([`policy-ignored ${options.policyFile} writable-by-others`]);
      chmodSync(options.policyFile, 0o644);
      if (process.getuid?.() === 0) {
        chownSync(options.policyFile, 12_345, 12_345);
        expect(problems(temporaryFolder(), options)).toEqual([`policy-ignored ${options.policyFile} foreign-owner`]);
      }
    });

    it("name what a policy says wrongly, and have none when there is no file", () => {
      expect(problems(temporaryFolder(), withPolicy({ general: { theme: 1 } }))).toEqual([
        "policy-value-ignored general.theme",
      ]);
      expect(problems(temporaryFolder(), { policyFile: "/no/such/policy.json" })).toEqual([]);
    });
  });

  const whole = JSON.stringify({ version: 1, general: { theme: "dark" }, endpoints: [orders] });
  const rubbish: [string, string | Uint8Array][] = [
    ["truncated", whole.slice(0, -20)],
    ["empty", ""],
    ["NUL-filled", Buffer.alloc(500)],
    ["with a NUL tail", Buffer.concat([Buffer.from(whole), Buffer.alloc(64)])],
    ["an array", "[1]"],
    ["null", "null"],
    ["a number", "7"],
    ["garbage", Buffer.from([0xff, 0xfe, 0x00, 0x81, 0x8d])],
    ["not UTF-8", Buffer.from(whole.replace("Orders", "Or\u00fcders"), "latin1")],
    ["two documents", whole + whole],
    ["deep", `{"general":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["with __proto__", '{"version":1,"__proto__":{"polluted":1}}'],
    ["with a constructor inside", '{"version":1,"general":{"constructor":{"prototype":{"polluted":1}}}}'],
    ["huge", JSON.stringify({ version: 1, fill: "x".repeat(1024 * 1024) })],
  ];

  it.each(rubbish)("are set aside and reported when the file is %s, and the backup is used", (_, content) => {
    const dir = temporaryFolder();
    const first = open(dir);
    first.setGeneral({ theme: "dark" });
    first.setGeneral({ theme: "light" });
    write(dir, content);
    const settings = open(dir);
    expect(settings.view().general.theme).toBe("dark");
    expect(settings.view().problems).toEqual([
      { code: "settings-set-aside", params: { path: asideName } },
      { code: "settings-backup-used", params: { path: "settings.json" } },
    ]);
    expect(readFileSync(join(dir, asideName)).equals(Buffer.from(content as string))).toBe(true);
    expect(stored(dir).general).toEqual({ theme: "dark" });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(problems(dir)).toEqual([]);
  });

  it.each(rubbish)("begin anew when the file is %s and there is no backup", (_, content) => {
    const dir = temporaryFolder();
    write(dir, content);
    const settings = open(dir);
    expect(settings.view().problems.map(({ code }) => code)).toEqual(["settings-set-aside"]);
    expect(settings.setGeneral({ theme: "dark" })).toEqual([]);
    expect(open(dir).view().general.theme).toBe("dark");
    expect(existsSync(join(dir, asideName))).toBe(true);
  });

  it("set a folder in the file's place aside, and a second bad file beside the first", () => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, "settings.json"));
    expect(problems(dir)).toEqual([`settings-set-aside ${asideName}`]);
    write(dir, "{");
    expect(problems(dir)).toEqual([`settings-set-aside ${asideName.replace(".json", "-1.json")}`]);
  });

  it("read a file that an editor began with a byte order mark", () => {
    const dir = temporaryFolder();
    write(dir, `\uFEFF${whole}`);
    expect(open(dir).view()).toMatchObject({ general: { theme: "dark" }, endpoints: [orders], problems: [] });
  });

  it("live in memory, and say so, when the file is a link or another user's, and leave it alone", () => {
    const dir = temporaryFolder();
    const victim = join(temporaryFolder(), "victim");
    writeFileSync(victim, whole);
    symlinkSync(victim, join(dir, "settings.json"));
    const settings = open(dir);
    expect(settings.setGeneral({ theme: "light" })).toEqual([]);
    expect(settings.view().general.theme).toBe("light");
    expect(settings.view().problems.map(({ code, params }) => [code, params["reason"]])).toEqual([
      ["settings-refused", "symlink"],
      ["settings-not-saved", "refused"],
    ]);
    expect(readFileSync(victim, "utf8")).toBe(whole);
  });

  it("keep a copy of a file with wrong values before they are written over", () => {
    const dir = temporaryFolder();
    const content = JSON.stringify({ version: 1, general: { theme: "purple", language: "en" } });
    write(dir, content);
    const settings = open(dir);
    expect(settings.view().general).toMatchObject({ theme: "system", language: "en" });
    expect(settings.view().problems).toEqual([
      { code: "settings-value-ignored", params: { path: "general.theme" } },
      { code: "settings-set-aside", params: { path: asideName } },
    ]);
    settings.setGeneral({ theme: "dark" });
    expect(readFileSync(join(dir, asideName), "utf8")).toBe(content);
    expect(problems(dir)).toEqual([]);
  });

  it("of a newer version are read and never written", () => {
    const dir = temporaryFolder();
    const content = JSON.stringify({
      version: settingsVersion + 1,
      general: { theme: "dark" },
      endpoints: [orders],
      new: 1,
    });
    write(dir, content);
    const settings = open(dir);
    expect(settings.view()).toMatchObject({ general: { theme: "dark" }, endpoints: [orders] });
    expect(settings.view().problems).toEqual([{ code: "settings-newer", params: { path: "settings.json" } }]);
    const refusal = [{ field: "", code: "read-only", params: {} }];
    expect([
      settings.setGeneral({ theme: "light" }),
      settings.saveEndpoint(orders),
      settings.removeEndpoint("orders"),
    ]).toEqual([refusal, refusal, refusal]);
    settings.flush();
    expect(readFileSync(join(dir, "settings.json"), "utf8")).toBe(content);
    expect(readdirSync(dir)).toEqual(["settings.json"]);
  });

  it("stay in force when they cannot be written, are reported, and are written by a later flush", () => {
    const dir = temporaryFolder();
    const settings = open(dir);
    settings.setGeneral({ theme: "dark" });
    const path = join(dir, "settings.json");
    renameSync(path, `${path}.real`);
    symlinkSync(`${path}.real`, path);
    expect(settings.setGeneral({ theme: "light" })).toEqual([]);
    expect(settings.view().general.theme).toBe("light");
    expect(settings.view().problems).toEqual([
      { code: "settings-not-saved", params: { path: "settings.json", reason: "symlink" } },
    ]);
    renameSync(`${path}.real`, path);
    settings.flush();
    expect(settings.view().problems).toEqual([]);
    expect(stored(dir).general).toEqual({ theme: "light" });
  });
});
