/** Events as they look on the wire. The id stands first and alone, so that a cut can fall between it and the blank line. */
import type { Sent } from "./topic.ts";

export function blockOf({ id, type, data }: Sent, lineBreak: string): string {
  const lines = [
    ...(id === null ? [] : [`id: ${id}`]),
    ...(type === "message" ? [] : [`event: ${type}`]),
    ...data.split("\n").map((line) => `data: ${line}`),
    "",
    "",
  ];
  return lines.join(lineBreak);
}
