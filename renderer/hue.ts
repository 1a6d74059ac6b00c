/**
 * A hue for each type of event, one of six. The first six types of a stream differ, in the order in which they were first seen; a hash
 * says where each begins to look. Later types take what the hash says. Colour is never the only sign: the name stands on it.
 */
import { createContext, use } from "react";

export type Hue = 1 | 2 | 3 | 4 | 5 | 6;
const hues = 6;

/** FNV-1a over UTF-16 units. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 8) % hues;
}

/** The hues of one stream. Remembers six names at most. */
export class Hues {
  readonly #given = new Map<string, Hue>();

  of(name: string): Hue {
    const known = this.#given.get(name);
    if (known !== undefined) return known;
    const start = hashOf(name);
    if (this.#given.size === hues) return (start + 1) as Hue;
    const taken = new Set(this.#given.values());
    let hue = (start + 1) as Hue;
    while (taken.has(hue)) hue = ((hue % hues) + 1) as Hue;
    this.#given.set(name, hue);
    return hue;
  }
}

const byStream = new Map<string, Hues>();

/** The hues of a stream; the same ones as long as the window lives. */
export function huesOf(stream: string): Hues {
  const known = byStream.get(stream) ?? new Hues();
  byStream.set(stream, known);
  return known;
}

export const HuesContext = createContext(new Hues());

/** The hue of a type in the stream that is shown. */
export function useHue(type: string): Hue {
  return use(HuesContext).of(type);
}
