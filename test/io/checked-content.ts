/** Contents that prove themselves: JSON with a checksum over the rest. */
import { createHash } from "node:crypto";

const sum = (fill: string): string => createHash("sha256").update(fill).digest("hex");

export function checkedContent(n: number): string {
  const fill = String(n).repeat(20_000);
  return JSON.stringify({ n, fill, sum: sum(fill) });
}

export function isChecked(data: Buffer): boolean {
  try {
    const { fill, sum: written } = JSON.parse(data.toString());
    return sum(fill) === written;
  } catch {
    return false;
  }
}
