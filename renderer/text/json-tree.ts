/**
 * Makes the data of an event ready for the tree: parsed, bounded in depth and breadth, its text made visible, and whole numbers
 * that a double cannot hold kept exact. What is no JSON, or too much of it, says so and is shown raw.
 */
import { visibleLine } from "./visible-text.ts";

export const deepest = 200;
/** As much as is kept of an event to be looked at. */
export const longest = 1024 * 1024;
/** Children drawn of one node; the rest is counted. */
export const widest = 500;

export type Tree =
  | { readonly kind: "tree"; readonly value: object; readonly left: number }
  | { readonly kind: "plain" }
  | { readonly kind: "too-deep" }
  | { readonly kind: "too-long" };

/** Depth of brackets, without parsing: a parser or a walk that recurses must not meet a thousand levels. */
export function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (quoted) {
      if (unit === 0x5c) at++;
      else if (unit === 0x22) quoted = false;
    } else if (unit === 0x22) quoted = true;
    else if (unit === 0x7b || unit === 0x5b) most = Math.max(most, ++depth);
    else if (unit === 0x7d || unit === 0x5d) depth--;
  }
  return most;
}

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

const exact: Reviver = (_key, value, context) =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? "0")
    : value;

/** A string as JSON writes it, with what JSON would leave unseen made visible as well. */
const written = (text: string): string => visibleLine(JSON.stringify(text).slice(1, -1));

export type Parsed =
  | { readonly kind: "json"; readonly value: object }
  | { readonly kind: "plain" | "too-deep" | "too-long" };

/** The object or list that a text is, with whole numbers exact. */
export function parseJson(text: string): Parsed {
  if (!/^\s*[[{]/.test(text)) return { kind: "plain" };
  if (text.length > longest) return { kind: "too-long" };
  if (depthOf(text) > deepest) return { kind: "too-deep" };
  try {
    const value: unknown = JSON.parse(text, exact);
    return typeof value === "object" && value !== null ? { kind: "json", value } : { kind: "plain" };
  } catch {
    return { kind: "plain" };
  }
}

/** The tree of a text. */
export function treeOf(text: string): Tree {
  const parsed = parseJson(text);
  if (parsed.kind !== "json") return parsed;
  let left = 0;
  const copy = (value: unknown): unknown => {
    if (typeof value === "string") return written(value);
    if (Array.isArray(value)) {
      left += Math.max(0, value.length - widest);
      return value.slice(0, widest).map(copy);
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    left += Math.max(0, entries.length - widest);
    // fromEntries defines own properties: a key named __proto__ stays a key.
    return Object.fromEntries(entries.slice(0, widest).map(([key, child]) => [written(key), copy(child)]));
  };
  return { kind: "tree", value: copy(parsed.value) as object, left };
}

/** Nodes with more children start folded, and so does what lies deeper: unfolding them is a choice. */
const smallNode = 40;
const openLevels = 4;
/** Lines that are drawn at first: forty children of forty children of forty would be more than a window can lay out at once. */
const openLines = 600;

/** The nodes of a tree that start unfolded: the outer ones first, as far as the lines go. */
export function openNodes(root: object): ReadonlySet<object> {
  const open = new Set([root]);
  let lines = Object.keys(root).length;
  let level: readonly object[] = [root];
  for (let depth = 1; depth < openLevels; depth++) {
    const next: object[] = [];
    for (const node of level) {
      for (const child of Object.values(node)) {
        if (typeof child !== "object" || child === null) continue;
        const size = Object.keys(child).length;
        if (size > smallNode || lines + size > openLines) continue;
        lines += size;
        open.add(child);
        next.push(child);
      }
    }
    level = next;
  }
  return open;
}
