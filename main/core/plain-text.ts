/**
 * Makes text from outside fit for a place that is not our page: a banner, a menu, a line of the log. What could hide,
 * reorder or draw something there goes; what people write stays (also joiners, which emoji and Persian need).
 */

/** Line breaks and tabs, which become one space. */
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Controls, invisible formatting, reordering of text, tags, halves of surrogate pairs. */
const unwanted =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;
/** Marks heaped on one letter until they cover the lines above. */
const heaps = /(\p{M}{4})\p{M}+/gu;

/**
 * One line of visible text, at most `max` characters (code points); what was cut ends in "…".
 */
export function plainText(text: string, max: number): string {
  // Nothing beyond this can be seen, and an event may hold megabytes.
  const start = text.slice(0, max * 20);
  const visible = start.replace(breaks, " ").replace(unwanted, "").replace(heaps, "$1").trim();
  const characters = [...visible];
  const cut = characters.length > max || start.length < text.length;
  return cut ? `${characters.slice(0, max - 1).join("")}…` : visible;
}

/** Escapes what Linux notification services read as markup in a banner's body. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
