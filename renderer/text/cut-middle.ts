/** Cuts a long address in the middle: its ends tell host and leaf, which is what one looks for. */
export function cutMiddle(text: string, max: number): string {
  const letters = [...text];
  if (letters.length <= max) return text;
  const tail = Math.floor((max - 1) / 2);
  return `${letters.slice(0, max - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}
