/** What app://holdfast serves of a real folder, and what it refuses. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Assets, answer, listAssets, resolveAsset, serveApp, within } from "../../main/ui/app-protocol.ts";

let root: string;
let assets: Assets;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "holdfast-page-"));
  mkdirSync(join(root, "page/assets"), { recursive: true });
  writeFileSync(join(root, "secret.html"), "secret");
  writeFileSync(join(root, "page/index.html"), "<!doctype html>");
  writeFileSync(join(root, "page/assets/app.js"), "code");
  writeFileSync(join(root, "page/assets/app.js.map"), "map");
  writeFileSync(join(root, "page/assets/two words.css"), "css");
  symlinkSync(join(root, "secret.html"), join(root, "page/link.html"));
  symlinkSync(root, join(root, "page/up"));
  assets = listAssets(join(root, "page"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("resolveAsset", () => {
  it.each([
    ["app://holdfast/", "index.html"],
    ["app://holdfast/index.html", "index.html"],
    ["app://holdfast/index.html?a=../b#c", "index.html"],
    ["app://holdfast/assets/app.js", "assets/app.js"],
    ["app://holdfast/assets/two%20words.css", "assets/two words.css"],
  ])("finds %s", (url, file) => {
    expect(resolveAsset(url, assets)).toBe(join(root, "page", file));
  });

  it.each([
    ...["app://holdfast/../secret.html", "app://holdfast/%2e%2e/secret.html", "app://holdfast/..%2fsecret.html"],
    ...["app://holdfast/assets/../index.html", "app://holdfast/assets/%2e%2e/index.html", "app://holdfast//index.html"],
    ...["app://holdfast/..\\secret.html", "app://holdfast/%5c..%5csecret.html", "app://holdfast/index.html%00.js"],
    ...["app://holdfast/link.html", "app://holdfast/up/secret.html", "app://holdfast/up", "app://holdfast/assets"],
    ...["app://holdfast/assets/", "app://holdfast/assets/app.js.map", "app://holdfast/%", "app://holdfast/INDEX.HTML"],
    ...[
      "app://holdfast/etc/passwd",
      "app://other/index.html",
      "app://holdfast:80/index.html",
      "app://holdfast@x/index.html",
    ],
    ...["app://holdfast.x/index.html", "file:///etc/passwd", "", "app://holdfast/__proto__"],
  ])("refuses %s", (url) => {
    expect(resolveAsset(url, assets)).toBeNull();
  });
});

describe("answer", () => {
  it.each([
    ["index.html", "text/html; charset=utf-8"],
    ["assets/app.js", "text/javascript; charset=utf-8"],
    ["assets/two%20words.css", "text/css; charset=utf-8"],
  ])("serves %s as %s", async (path, type) => {
    const response = await answer({ method: "GET", url: `app://holdfast/${path}` }, assets);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(await response.text()).not.toBe("");
  });

  it.each([
    ["GET", "index.html", 200],
    ["HEAD", "index.html", 200],
    ["GET", "none.html", 404],
    ["POST", "index.html", 405],
  ])("answers %s %s with %i under the strict policy", async (method, path, status) => {
    const response = await answer({ method, url: `app://holdfast/${path}` }, assets);
    expect(response.status).toBe(status);
    const policy = response.headers.get("content-security-policy")?.split("; ");
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

it.each([
  ["app://holdfast", true],
  ["app://holdfast/x", true],
  ["app://holdfastx/x", false],
  ["app://holdfast:1/x", false],
  ["app://holdfast?x", false],
])("counts %s as within app://holdfast: %s", (url, expected) => {
  expect(within(url, "app://holdfast")).toBe(expected);
});

it("says when the page has its colours, and not before", async () => {
  let ask: (url: string) => Promise<unknown> = async () => {};
  const handle = (_scheme: string, handler: (request: Request) => Promise<Response> | Response): void => {
    // Of a request only these two are read; a scheme of our own makes none here.
    ask = async (url) => handler({ method: "GET", url } as Request);
  };
  let styled = false;
  const said = serveApp({ handle }, join(root, "page")).then(() => {
    styled = true;
  });
  await ask("app://holdfast/index.html");
  await ask("app://holdfast/assets/app.js");
  expect(styled).toBe(false);
  await ask("app://holdfast/assets/two%20words.css");
  await said;
  expect(styled).toBe(true);
});
