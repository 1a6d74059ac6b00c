import { expect, it } from "vitest";
import { installLine, missingPackages, notFound, wantedPackages } from "../../build/setup/debian.ts";

it("names what is missing, and nothing that is there", () => {
  const lines = "xvfb installed\nlibgtk-3-0 not-installed\nnginx config-files\ndbus triggers-awaited\n";
  expect(missingPackages(["xvfb", "libgtk-3-0", "nginx", "dbus", "dunst"], lines)).toEqual([
    "libgtk-3-0",
    "nginx",
    "dunst",
  ]);
});

it("knows a library under the name that newer systems gave it", () => {
  expect(missingPackages(["libgtk-3-0", "libasound2"], "libgtk-3-0t64 installed\n")).toEqual(["libasound2"]);
});

it("tells the administrator one line to run", () => {
  expect(installLine(["xvfb", "dunst"])).toBe("sudo apt-get install -y --no-install-recommends xvfb dunst");
});

it("reads from ldd which libraries are not found", () => {
  const output = "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\tlibnss3.so => not found\n\tlibgbm.so.1 => not found\n";
  expect(notFound(output)).toEqual(["libnss3.so", "libgbm.so.1"]);
});

it("asks a person's desktop for no virtual display, and a machine without a display for no test servers", () => {
  expect(wantedPackages({ hasDisplay: true, tests: false }).all).not.toContain("xvfb");
  expect(wantedPackages({ hasDisplay: false, tests: false }).all).not.toContain("nginx");
  expect(wantedPackages({ hasDisplay: true, tests: true }).all).toEqual(
    expect.arrayContaining(["xvfb", "nginx", "squid", "dunst"]),
  );
});

it("is stopped by what Electron is linked with, not by fonts or notifications", () => {
  const { vital } = wantedPackages({ hasDisplay: false, tests: true });
  expect(vital).toEqual(expect.arrayContaining(["libgtk-3-0", "xvfb"]));
  expect(vital).not.toEqual(expect.arrayContaining(["fonts-wqy-microhei"]));
  expect(wantedPackages({ hasDisplay: true, tests: false }).vital).not.toContain("xvfb");
});
