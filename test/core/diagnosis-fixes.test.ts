/** Whose lines come first for a cause, and what is put into them. The lines themselves: docs/troubleshooting.md, and test/lab. */
import { describe, expect, it } from "vitest";
import { fixesOf, fixTable, hasLines } from "../../main/core/diagnosis/fixes.ts";

const productsOf = (code: string, product: string | null) => fixesOf(code, product, {}).map((fix) => fix.product);

describe("whose lines come first", () => {
  it.each([
    ["those of whoever is named", "buffering", "caddy", "caddy"],
    ["those of the product that it is made of", "buffering", "openresty", "nginx"],
    ["the same for its other kin", "buffering", "tengine", "nginx"],
    ["its own rather than those of what it is made of", "cache", "fastly", "fastly"],
    ["those of what it is made of, where it has none", "buffering", "fastly", "varnish"],
    ["whichever proxy's, where a named one has none", "buffering", "cloudflare", "proxy"],
    ["the origin's, where nobody is named", "buffering", null, "origin"],
    ["the origin's, where it is named and a proxy has lines too", "upstream-down", "origin", "origin"],
    ["the origin's, where neither the named one nor a proxy has any", "batching", "caddy", "origin"],
    ["those of this computer, where the cause is there", "offline", "squid", "client"],
    ["nobody's by name, whatever stands first in the table", "proxy-auth", null, "client"],
  ])("%s", (_what, code, product, first) => {
    expect(productsOf(code, product)[0]).toBe(first);
  });

  it("with all others behind them, in the order of the table", () => {
    const all = (fixTable["batching"] ?? []).map(([product]) => product);
    expect(productsOf("batching", "nginx")).toEqual(["nginx", ...all.filter((product) => product !== "nginx")]);
  });

  it("nobody's for a cause without lines", () => {
    expect(fixesOf("no-such-cause", "nginx", {})).toEqual([]);
    expect(hasLines("no-such-cause", "nginx")).toBe(false);
  });
});

it.each([
  ["nginx", true],
  ["openresty", true],
  ["caddy", false],
  ["fastly", false],
])("%s has lines against batches: %s", (product, has) => {
  expect(hasLines("batching", product)).toBe(has);
});

describe("what is put into the lines", () => {
  const values = { host: "h.example", port: 8443, path: "/events", scheme: "https", seconds: 60, heartbeat: 15 };
  it.each([
    ["refused", "client", "nc -vz h.example 8443"],
    ["max-duration", "origin", "// whatever ends answers after 60 s: a timer of its own, or the limit of its host"],
    ["idle-cut", "squid", "read_timeout 1 hour   # cut after 60 s"],
    ["no-route", "traefik", "rule: PathPrefix(`/events`)\nservice: origin"],
    [
      "protocol",
      "client",
      "https://h.example:8443/events   # or another port: this one does not speak what it was asked",
    ],
  ])("of %s, for %s", (code, product, text) => {
    expect(fixesOf(code, product, values)[0]).toEqual({ product, text });
  });

  it("is nothing that is not known: its name stays", () => {
    expect(fixesOf("refused", "client", { port: 0 })[0]?.text).toBe("nc -vz {host} 0");
  });

  it("leaves no name in any line, and is asked for by no other name", () => {
    for (const code of Object.keys(fixTable)) {
      for (const { product, text } of fixesOf(code, null, values)) {
        expect(text, `${code} ${product}`).not.toMatch(/\{[a-z]+\}/);
        expect(text, `${code} ${product}`).not.toBe("");
      }
    }
  });
});
