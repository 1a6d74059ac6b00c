/** How the mutation run is divided, and how it is counted. */
import { expect, it } from "vitest";
import { coreFiles, coreTests, partOf, partOfTest } from "../../build/mutation.ts";
import { scoreOf, summary, survivors } from "../../build/mutation-report.ts";

it("every part of the core has tests of its own", () => {
  const tested = new Set(coreTests().map(partOfTest));
  expect([...tested].sort()).toEqual([...new Set(coreFiles().map(partOf))].sort());
});

it("what is not the subject of another part belongs to the machine", () => {
  const parts = ["connection/outcome.ts", "failure/failure-codes.ts", "quality/history-pack.ts", "rules.ts"].map(
    partOf,
  );
  expect(parts).toEqual(["machine", "failure", "history", "texts"]);
});

it("goes by folders: the rules of a diagnosis are not the app's rules", () => {
  expect(["diagnosis/rules-ending.ts", "proxy/no-proxy.ts", "proxy-signature.ts"].map(partOf)).toEqual([
    "diagnosis",
    "proxy",
    "detection",
  ]);
  expect(["proxy/proxy-parsing.test.ts", "search/need.test.ts", "export/curl.test.ts"].map(partOfTest)).toEqual([
    "proxy",
    "search",
    "export",
  ]);
});

const location = { start: { line: 2, column: 5 }, end: { line: 2, column: 10 } };
const mutant = (status: string) => ({ mutatorName: "EqualityOperator", replacement: "a > b", status, location });
const files = {
  "main/core/a.ts": {
    source: "\nif (a < b) c();\n",
    mutants: ["Killed", "Survived", "NoCoverage", "Ignored"].map(mutant),
  },
  "main/core/b.ts": { source: "", mutants: ["Timeout", "RuntimeError"].map(mutant) },
  "main/core/c.ts": { source: "", mutants: [mutant("Ignored")] },
};

it("counts what no test reaches as not noticed, and what could not run not at all", () => {
  expect(scoreOf(files["main/core/a.ts"].mutants)).toEqual({ noticed: 1, valid: 3, score: (1 / 3) * 100 });
  expect(summary(files)).toBe(" 33.3 %        1/3  main/core/a.ts\n100.0 %        1/1  main/core/b.ts");
});

it("lists who was not noticed with what stood there and what stood there instead", () => {
  expect(survivors(files).split("\n").slice(2, 6)).toEqual([
    "## main/core/a.ts",
    "",
    "- 2:5 EqualityOperator: `a < b` → `a > b`",
    "- 2:5 EqualityOperator, no test reaches it: `a < b` → `a > b`",
  ]);
});
