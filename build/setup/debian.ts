/**
 * The system libraries and programs: what is missing, and on Debian as root its installation.
 * An ordinary user gets the one line to run; nothing here asks for a password.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { PlainError, say, step } from "./progress.mjs";
import { runTool } from "./tool.mjs";

/** What a package is for; `linked` ones are those without which Electron does not even start. */
const purposes = {
  linked: ["libgtk-3-0", "libnss3", "libasound2", "libgbm1", "libatk-bridge2.0-0"],
  display: ["xvfb", "xauth", "dbus", "dbus-x11"],
  comfort: ["libnotify4", "libxss1", "fonts-wqy-microhei"],
  tests: ["dunst", "imagemagick", "gnome-keyring"],
  /** The proxies of test/lab. */
  lab: [
    "nginx",
    "libnginx-mod-nchan",
    "haproxy",
    "caddy",
    "apache2",
    "varnish",
    "squid",
    "lighttpd",
    "nghttp2-proxy",
    "tinyproxy-bin",
  ],
  /** What compiles the gateway beside cargo. */
  gateway: ["cmake", "gcc", "g++", "make"],
} as const;

type Purpose = keyof typeof purposes;

/** Where the app is to run: on a person's desktop or on a display of our own, with or without the tests. */
export type Place = { hasDisplay: boolean; tests: boolean };

/** The packages of a place, and which of them it cannot do without. */
export function wantedPackages({ hasDisplay, tests }: Place): { all: string[]; vital: string[] } {
  const ownDisplay = tests || !hasDisplay;
  const kinds: Purpose[] = [
    "linked",
    ...(ownDisplay ? (["display"] as const) : []),
    "comfort",
    ...(tests ? (["tests", "lab", "gateway"] as const) : []),
  ];
  return { all: kinds.flatMap((kind) => purposes[kind]), vital: [...purposes.linked, ...(ownDisplay ? ["xvfb"] : [])] };
}

const policyFile = "/usr/sbin/policy-rc.d";

/** Names of wanted packages that are not installed, given dpkg-query's lines `name status`. Newer systems renamed some to …t64. */
export function missingPackages(wanted: readonly string[], dpkgLines: string): string[] {
  const installed = new Set<string>();
  for (const line of dpkgLines.split("\n")) {
    const [name = "", status] = line.trim().split(" ");
    // While dpkg works elsewhere, a package may wait for a trigger: it is there all the same.
    if (status === "installed" || status?.startsWith("triggers-")) installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name) && !installed.has(`${name}t64`));
}

/** The line an administrator can paste. */
export function installLine(names: readonly string[]): string {
  return `sudo apt-get install -y --no-install-recommends ${names.join(" ")}`;
}

/** True where apt-get is the way to install. */
export function isDebian(): boolean {
  return process.platform === "linux" && existsSync("/usr/bin/dpkg-query") && existsSync("/usr/bin/apt-get");
}

/** Asks dpkg once which of these are missing. */
export async function findMissing(wanted: readonly string[]): Promise<string[]> {
  const names = wanted.flatMap((name) => (name.startsWith("lib") ? [name, `${name}t64`] : [name]));
  // dpkg-query fails for names it never heard of and still lists the others.
  const result = await runTool("dpkg-query", ["-W", `-f=\${Package} \${db:Status-Status}\n`, ...names]);
  return missingPackages(wanted, result.stdout);
}

/**
 * Makes sure of the system's part. An ordinary user is stopped only by what the app cannot do without. Elsewhere than on
 * Debian nothing is done: `ensureLibraries` finds out what the runtime lacks.
 */
export async function ensureDebian({ tests = false } = {}): Promise<void> {
  if (!isDebian()) return;
  const hasDisplay = Boolean(process.env["DISPLAY"] || process.env["WAYLAND_DISPLAY"]);
  const wanted = wantedPackages({ hasDisplay, tests });
  const missing = await findMissing(wanted.all);
  if (missing.length === 0) return;
  if (process.getuid?.() === 0) return installAsRoot(missing);
  if (missing.some((name) => wanted.vital.includes(name))) {
    throw new PlainError(
      `Holdfast needs system packages that are not installed. Install them once, then try again:\n  ${installLine(missing)}`,
    );
  }
  say(`• works, but not everything (Chinese text, notifications, some tests) without:\n  ${installLine(missing)}`);
}

/** Makes sure of the lab's proxies alone; what cannot be had is left out by name when the lab starts. */
export async function ensureLab(): Promise<void> {
  if (!isDebian()) return;
  const missing = await findMissing(purposes.lab);
  if (missing.length === 0) return;
  if (process.getuid?.() === 0) return installAsRoot(missing);
  say(`• the lab stands without some of its proxies until you run:\n  ${installLine(missing)}`);
}

async function installAsRoot(missing: readonly string[]): Promise<void> {
  for (const [purpose, names] of Object.entries(purposes)) {
    const some = missing.filter((name) => (names as readonly string[]).includes(name));
    if (some.length > 0) say(`• Debian packages to install (${purpose}): ${some.join(" ")}`);
  }
  await step("Debian packages", async () => {
    // A server that is installed as a library of the tests must not start as a service of the machine.
    const lift = existsSync(policyFile) ? () => undefined : denyServices();
    try {
      await install(missing);
    } finally {
      lift();
    }
  });
}

/** Until the returned function is called; an interrupted installation must not leave the machine like this either. */
function denyServices(): () => void {
  writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const lift = () => rmSync(policyFile, { force: true });
  process.once("exit", lift);
  return () => {
    process.off("exit", lift);
    lift();
  };
}

async function install(names: readonly string[]): Promise<void> {
  const first = await aptInstall(names);
  if (first.code === 0) return;
  // No lists yet, or lists older than the mirror: both look the same from here.
  const update = await apt(["update"]);
  const second = update.code === 0 ? await aptInstall(names) : update;
  if (second.code === 0) return;
  const reason = second.stderr.trim().split("\n").at(-1) ?? "no reason given";
  throw new PlainError(
    `The Debian packages could not be installed (${reason}). Check the network and the package sources, or install them by hand:\n  ${installLine(names)}`,
  );
}

function aptInstall(names: readonly string[]) {
  return apt(["install", "-y", "--no-install-recommends", ...names]);
}

function apt(args: readonly string[]) {
  const patience = [
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=10",
    "-o",
    "Dpkg::Use-Pty=0",
    "-o",
    "DPkg::Lock::Timeout=120",
    "-qq",
  ];
  return runTool("apt-get", [...patience, ...args], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}

/** Shared libraries that a program needs and this system lacks, as `ldd` reports them. */
export function notFound(lddOutput: string): string[] {
  return [...lddOutput.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] ?? "");
}

/** Stops with a sentence when Electron's libraries are missing on a system that is not Debian. */
export async function ensureLibraries(executable: string): Promise<void> {
  if (process.platform !== "linux" || isDebian()) return;
  const result = await runTool("ldd", [executable]).catch(() => undefined);
  const missing = notFound(result?.stdout ?? "");
  if (missing.length === 0) return;
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "This system";
  throw new PlainError(
    `${system} lacks libraries that Electron needs: ${missing.join(", ")}. Install the packages that hold them, then try again.`,
  );
}
