import { delimiter } from "node:path";
import { expect, it } from "vitest";
import { looksOffline, matchesLockfile, npmCommand, pathWithoutBin, stampOf } from "../../build/setup/packages.mjs";

const lockfile = JSON.stringify({
  packages: {
    "": { name: "holdfast" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/b-darwin": { version: "1.0.0", integrity: "sha512-b", optional: true },
  },
});
const installed = (packages: object) => JSON.stringify({ packages });

it("gives another stamp to another lockfile, and the same one to the same", () => {
  expect(stampOf("one")).toBe(stampOf("one"));
  expect(stampOf("one")).not.toBe(stampOf("two"));
});

it("takes over packages that somebody installed by hand, even without those for other systems", () => {
  expect(matchesLockfile(lockfile, installed({ "node_modules/a": { integrity: "sha512-a" } }))).toBe(true);
});

it.each([
  ["a package is missing", {}],
  ["a package is another one", { "node_modules/a": { integrity: "sha512-x" } }],
  [
    "there is one too many",
    { "node_modules/a": { integrity: "sha512-a" }, "node_modules/z": { integrity: "sha512-z" } },
  ],
])("installs anew when %s", (_what, packages) => {
  expect(matchesLockfile(lockfile, installed(packages))).toBe(false);
});

it("keeps npm away from the Node inside the packages", () => {
  const path = ["/project/node_modules/.bin", "/usr/bin", "/node_modules/.bin/"].join(delimiter);
  expect(pathWithoutBin(path)).toBe("/usr/bin");
});

it("starts npm as npm itself was started, and else by its name", () => {
  const here = process.execPath;
  expect(npmCommand({ PATH: "", npm_node_execpath: here, npm_execpath: here })).toMatchObject({
    file: here,
    args: [here],
  });
  expect(npmCommand({ PATH: "", npm_node_execpath: here, npm_execpath: "/not/there" }).args).toEqual([]);
});

it("tells a missing network from other trouble", () => {
  expect(looksOffline("npm error code EAI_AGAIN\nnpm error syscall getaddrinfo")).toBe(true);
  expect(looksOffline("npm error code EUSAGE\nnpm error Missing: x from lock file")).toBe(false);
});
