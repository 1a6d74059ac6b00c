/** The arguments of `export`: what is asked for, and what is refused by name. */
import { expect, it } from "vitest";
import { planExport } from "../../main/cli/export-plan.ts";

const needed = ["--data-dir", "/d", "--stream", "orders"];

it("asks for everything as NDJSON on stdout, unless it is told otherwise", () => {
  expect(planExport(needed)).toEqual({
    dataDir: "/d",
    stream: "orders",
    format: "ndjson",
    filter: { types: [], text: "", path: "", from: null, to: null },
    out: null,
  });
});

it("takes a filter, a form and a file", () => {
  const given = ["--format", "csv", "--type", "a", "--type", "b", "--text", "发货", "--path", "$.n", "--out", "x.csv"];
  const times = ["--from", "2026-11-26", "--to", "2026-11-26T14:30:00+08:00"];
  expect(planExport([...needed, ...given, ...times])).toMatchObject({
    format: "csv",
    filter: {
      types: ["a", "b"],
      text: "发货",
      path: "$.n",
      from: Date.UTC(2026, 10, 26),
      to: Date.UTC(2026, 10, 26, 6, 30),
    },
    out: "x.csv",
  });
});

it.each<[string[], RegExp]>([
  [["--stream", "a"], /--data-dir is missing/],
  [["--data-dir", "/d"], /--stream is missing/],
  [["--data-dir", "/d", "--stream", ""], /--stream is missing/],
  [[...needed, "--out", ""], /--out is missing/],
  [[...needed, "--format", "xml"], /--format "xml": wants one of ndjson, json, csv/],
  [[...needed, "--from", "yesterday"], /--from "yesterday"/],
  [[...needed, "--from", "2026-11-26T14:30"], /--from/],
  [[...needed, "--to", "2026-13-01"], /--to "2026-13-01"/],
  [[...needed, "--from", "2026-11-26", "--to", "2026-11-26"], /--to is not after --from/],
  [[...needed, "--text", "x".repeat(257)], /--text: it is too long/],
  [[...needed, "--type", "x".repeat(257)], /--type: it is too long/],
  [[...needed, "more"], /"more" is too many/],
  [[...needed, "--nope"], /--nope/],
])("refuses %j", (args, says) => {
  expect(() => planExport(args)).toThrow(says);
});
