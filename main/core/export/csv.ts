/**
 * Events as CSV by RFC 4180: CRLF, a header line, quotes where they are needed. It is made for spreadsheets, which take some texts
 * for formulas and run them; so it is not the form to read back in. That is NDJSON.
 */
import { type ExportedEvent, fields } from "./exported-event.ts";

/** What a spreadsheet may begin a formula with. The wide signs are those of Chinese and Japanese keyboards. */
const beginsFormula = /^[=+\-@\t\r\n＝＋－＠]/;
const needsQuotes = /[",\r\n]/;

/** With a byte order mark: without it Excel takes UTF-8 for the system's old code page, and Chinese for rubbish. */
export const csvHeader = `\ufeff${fields.join(",")}\r\n`;

/** One record. No id and an empty one look alike here; flags are parted by a space. */
export function csvRecord(event: ExportedEvent): string {
  const written = { ...event, flags: event.flags.join(" ") };
  return `${fields.map((field) => cell(String(written[field] ?? ""))).join(",")}\r\n`;
}

/**
 * A text as a cell. One that begins with = + - @ tab, CR or LF, or with the wide form of such a sign, gets a leading apostrophe, so that a
 * spreadsheet shows it and does not run it (OWASP, CSV Injection). The text then has one character more than it came with.
 */
export function cell(text: string): string {
  const safe = beginsFormula.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
