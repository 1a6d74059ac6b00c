/** What must not stand in the product's sources at all, or in one file only. Reads the sources as text, without comments. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../build/root.ts";

type Rule = readonly [name: string, pattern: RegExp, allowedIn: readonly string[], sample: string];

const rules: readonly Rule[] = [
  ["windows are made in one place", /new BrowserWindow\b/, ["main/ui/window.ts"], "const w = new BrowserWindow({})"],
  ["no other kind of page", /new (BrowserView|WebContentsView|BaseWindow)\b|<webview/, [], "new WebContentsView()"],
  [
    "ipcMain is served by the contract only",
    /\bipcMain\s*\.\s*(on|once|handle|handleOnce)\b/,
    [],
    "ipcMain.handle('x', f)",
  ],
  ["no code from text", /\beval\s*\(|new Function\b|\bvm\b.*\brunIn/, [], "eval('1')"],
  [
    "no markup from text",
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write/i,
    [],
    "<p dangerouslySetInnerHTML={x} />",
  ],
  [
    "certificates are always checked, and looked at without trust by a diagnosis only",
    /rejectUnauthorized|NODE_TLS_REJECT|checkServerIdentity|setCertificateVerifyProc/,
    // A diagnosis has to look at a certificate to name what is wrong with it; it sends nothing over one that is not trusted.
    ["main/io/probe/socket-steps.ts"],
    "{ rejectUnauthorized: false }",
  ],
  ["links are not handed to the system", /shell\.open|openExternal/, [], "shell.openExternal(url)"],
  [
    "no program is started but the token command that the user agreed to",
    /child_process|utilityProcess|\bexecFile|\bspawn\(/,
    ["main/io/auth/token-program.ts"],
    'from "node:child_process"',
  ],
  [
    "the sandbox is never switched off",
    /no-sandbox|sandbox: false|contextIsolation: false|nodeIntegration: true/,
    ["main/runtime-switches.ts"],
    "sandbox: false",
  ],
  ["Chromium's network stack is not ours to use", /\bnet\.(request|fetch)\b|session\.fetch\b/, [], "net.fetch(url)"],
];

const files = ["main", "preload", "renderer"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => join(folder, path)),
);
const withoutComments = (code: string) => code.replace(/^\s*(\/\*\*?|\*|\/\/).*$/gm, "");
const sources = new Map(files.map((path) => [path, withoutComments(readFileSync(join(root, path), "utf8"))]));

it("reads the sources of all parts", () => {
  for (const path of ["main/ipc.ts", "main/core/redact.ts", "main/ui/window.ts", "preload/contract.ts"])
    expect(files).toContain(path);
  expect(files.filter((path) => path.startsWith("renderer")).length).toBeGreaterThan(3);
});

describe.each(rules)("%s", (_name, pattern, allowedIn, sample) => {
  it("is seen when it is broken", () => {
    expect(withoutComments(sample)).toMatch(pattern);
  });

  it("holds", () => {
    const found = files.filter((path) => pattern.test(sources.get(path) ?? ""));
    expect(found.filter((path) => !allowedIn.includes(path))).toEqual([]);
    // An exception that nobody needs any more goes from the list.
    expect(allowedIn.filter((path) => !found.includes(path))).toEqual([]);
  });
});
