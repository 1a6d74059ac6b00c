/** Events as they look on the wire. The id stands first and alone, so that a cut can fall between it and the blank line. */
import type { Sent } from "./topic.ts";

/** @param hasComment a comment stands in the midst of it */
export function blockOf({ id, type, data }: Sent, lineBreak: string, hasComment: boolean): string {
  const lines = [
    ...(id === null ? [] : [`id: ${id}`]),
    ...(type === "message" ? [] : [`event: ${type}`]),
    ...(hasComment ? [": hb"] : []),
    ...data.split("\n").map((line) => `data: ${line}`),
    "",
    "",
  ];
  return lines.join(lineBreak);
}
