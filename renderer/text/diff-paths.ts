/** How two JSON values differ, value by value, each with its place as a path of RFC 9535. Lists are compared by place. Pure. */

export type PathChange = {
  /** e.g. $.items[0].sku */
  readonly path: string;
  /** As JSON; null: it is not there. */
  readonly before: string | null;
  readonly after: string | null;
};

export type PathDiff = { readonly changes: readonly PathChange[]; readonly left: number };

export const mostChanges = 500;
const longestValue = 300;

/** Every value that is in only one of them, or is another one. */
export function diffPaths(before: unknown, after: unknown): PathDiff {
  const changes: PathChange[] = [];
  let left = 0;
  // A list of what is to be looked at instead of recursion: depth is the sender's choice.
  const todo: { path: string; a: unknown; b: unknown }[] = [{ path: "$", a: before, b: after }];
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    const { path, a, b } = pair;
    if (Object.is(a, b)) continue;
    if (isNode(a) && isNode(b) && Array.isArray(a) === Array.isArray(b)) {
      // Not by spreading: a list of a hundred thousand is more than a call takes.
      for (const child of children(path, a, b).reverse()) todo.push(child);
    } else if (changes.length < mostChanges) {
      changes.push({ path, before: written(a), after: written(b) });
    } else left++;
  }
  return { changes, left };
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function children(path: string, a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) {
  const list = Array.isArray(a);
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].map((name) => ({
    path: `${path}${list ? `[${name}]` : step(name)}`,
    a: own(a, name),
    b: own(b, name),
  }));
}

/** A key named like something of Object.prototype is only there where it was sent. */
function own(node: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(node, name) ? node[name] : undefined;
}

function step(name: string): string {
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return `.${name}`;
  return `['${name.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}']`;
}

function written(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === "bigint") return String(value);
  const text = isNode(value) ? shape(value) : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

/** A whole branch that came or went: written when it is small, else only its size. */
function shape(value: Readonly<Record<string, unknown>>): string {
  const size = Object.keys(value).length;
  if (size <= 12) {
    const plain = Object.values(value).every((child) => !isNode(child) && typeof child !== "bigint");
    if (plain) return JSON.stringify(value);
  }
  return Array.isArray(value) ? `[… ${size}]` : `{… ${size}}`;
}
