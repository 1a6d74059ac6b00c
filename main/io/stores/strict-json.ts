/**
 * Parses JSON that somebody else may have written: our own files after a crash or an edit, and the policy file.
 * It refuses what no file of ours can hold; what the values mean is decided by the schemas.
 */

/** Deeper than anything we store (endpoints › headers › name is 5), far less than what hurts a recursive reader. */
const maxDepth = 12;
const forbidden = new Set(["__proto__", "constructor", "prototype"]);

export type Json = { [key: string]: unknown };

/**
 * @returns the object the text holds
 * @throws SyntaxError for bad UTF-8, no JSON, no object at the top, NULs, too much depth, or keys that reach prototypes;
 *   its message never quotes the text, which may hold what must not be logged
 */
export function parseObject(data: Buffer | string): Json {
  const value = parse(typeof data === "string" ? data : decode(data));
  if (!isObject(value)) throw new SyntaxError("not an object");
  const open: [value: object, depth: number][] = [[value, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, depth] = next;
    if (depth > maxDepth) throw new SyntaxError("too deep");
    for (const key of Object.keys(at)) {
      if (forbidden.has(key)) throw new SyntaxError("forbidden key");
      const inner = (at as Json)[key];
      if (typeof inner === "object" && inner !== null) open.push([inner, depth + 1]);
    }
  }
  return value;
}

/** Whether the bytes hold an object that `parseObject` takes. */
export function isObjectText(data: Buffer): boolean {
  try {
    parseObject(data);
    return true;
  } catch {
    return false;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Editors on Windows save a byte order mark; that is no damage. */
function decode(data: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new SyntaxError("not JSON");
  }
}
