/** A steady hue for a name: FNV-1a over UTF-16 units, one of six. Colour is never the only sign: the name stands on it. */
export function hueOf(name: string): 1 | 2 | 3 | 4 | 5 | 6 {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (((hash >>> 8) % 6) + 1) as 1 | 2 | 3 | 4 | 5 | 6;
}
