/**
 * The lines to change, by cause and product, as they stand in its configuration or in the origin's code. They were measured
 * where the product is one of the lab's, whose programs also read every block (test/lab/fixes.test.ts); those for Envoy and
 * Traefik are from their documentation. The first product of a cause is shown where nobody is named. Texts are code and the
 * same in every language.
 */
import type { Fix } from "../../../preload/contract.ts";
import { answerLines } from "./fix-answers.ts";
import type { Lines } from "./fix-blocks.ts";
import { endingLines } from "./fix-endings.ts";
import { reachLines } from "./fix-reach.ts";
import { streamLines } from "./fix-streams.ts";

export const fixTable: Readonly<Record<string, Lines>> = {
  ...reachLines,
  ...answerLines,
  ...streamLines,
  ...endingLines,
};

/** Products that are configured like another. */
const alike: Readonly<Record<string, string>> = {
  openresty: "nginx",
  tengine: "nginx",
  fastly: "varnish",
};

/**
 * The lines for a cause: those of the product first, of the others after them. Empty for a code that has none.
 * @param values what stands for {path}, {host}, {port}, {seconds}; what is missing stays as it is
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
  const has = (name: string | null) => rows.some((row) => row.product === name);
  const named = product === null || has(product) ? product : (alike[product] ?? null);
  return [...rows.filter((row) => row.product === named), ...rows.filter((row) => row.product !== named)];
}

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
