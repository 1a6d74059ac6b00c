/** Scrolls a page's list, or the page itself, by its scroll bar: what a hand on the bar does. */
import type { Page } from "playwright-core";

/** Goes to a place, 0 the top and 1 the end, and waits for two frames. */
export async function scrollTo(page: Page, share: number): Promise<void> {
  await page.evaluate(async (to) => {
    const box = document.querySelector("[role=grid]") ?? document.documentElement;
    box.scrollTop = to * (box.scrollHeight - box.clientHeight);
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  }, share);
}

/**
 * Runs in the page: from the end to the top in so many seconds, a step each frame.
 * @returns what the frames took, ms
 */
export async function sweep(seconds: number): Promise<number[]> {
  const box = document.querySelector("[role=grid]") ?? document.documentElement;
  const frames: number[] = [];
  const frame = (): Promise<number> => new Promise(requestAnimationFrame);
  box.scrollTop = box.scrollHeight;
  await frame();
  let last = await frame();
  const startedAt = last;
  while (last - startedAt < seconds * 1000) {
    const range = box.scrollHeight - box.clientHeight;
    box.scrollTop = range * (1 - (last - startedAt) / (seconds * 1000));
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  return frames;
}
