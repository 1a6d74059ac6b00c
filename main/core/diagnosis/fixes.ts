/**
 * The lines to change, by cause and product, as they stand in its configuration or in the origin's code. They were measured
 * where the product is one of the lab's, whose programs also read every block (test/lab/fixes.test.ts); those for Envoy and
 * Traefik, and for services of others, are from their documentation. Texts are code and the same in every language.
 */
import type { Fix } from "../../../preload/contract.ts";
import { answerLines } from "./fix-answers.ts";
import type { Lines } from "./fix-blocks.ts";
import { endingLines } from "./fix-endings.ts";
import { reachLines } from "./fix-reach.ts";
import { streamLines } from "./fix-streams.ts";
import { unsteadyLines } from "./fix-unsteady.ts";

export const fixTable: Readonly<Record<string, Lines>> = {
  ...reachLines,
  ...answerLines,
  ...streamLines,
  ...endingLines,
  ...unsteadyLines,
};

/** Products that are configured like another. */
const alike: Readonly<Record<string, string>> = {
  openresty: "nginx",
  tengine: "nginx",
  fastly: "varnish",
};

/** Where nobody is named, or no line is known for whoever is: whichever proxy it is, or what helps whoever that is. */
const anybody = new Set(["proxy", "origin", "client"]);

/** Whether there are lines for this product, or for one that is configured like it. */
export function hasLines(code: string, product: string): boolean {
  return (fixTable[code] ?? []).some(([name]) => name === product || name === alike[product]);
}

/**
 * The lines for a cause: those of the product first, of the others after them. Empty for a code that has none.
 * @param product null: nobody is named. Lines of a product that nobody has seen never come first.
 * @param values what stands for {path}, {host}, {port}, {scheme}, {seconds}, {heartbeat}; what is missing stays as it is
 */
export function fixesOf(
  code: string,
  product: string | null,
  values: Readonly<Record<string, string | number>>,
): Fix[] {
  const rows = (fixTable[code] ?? []).map(([name, ...lines]) => ({
    product: name,
    text: filled(lines.join("\n"), values),
  }));
  const kin = product === null ? [] : [product, alike[product]];
  const isProxy = product !== null && !anybody.has(product);
  const row =
    kin.flatMap((name) => rows.find((one) => one.product === name) ?? [])[0] ??
    // A proxy that is named and has no lines of its own is still the one to change.
    rows.find((one) => isProxy && one.product === "proxy") ??
    rows.find((one) => anybody.has(one.product));
  const named = row?.product;
  return [...rows.filter((row) => row.product === named), ...rows.filter((row) => row.product !== named)];
}

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
