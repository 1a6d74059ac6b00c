/** What of a configuration it takes to stand in a path, and how two stand one before the other. */
import type { Configuration } from "../configuration.ts";

/** Every configuration of the lab is one. What is wrong with it is not said here: that is the truth's part, in truth.ts. */
export type Standing = Pick<Configuration, "product" | "role" | "about" | "missing" | "start">;

/** @param front what the client speaks to @param back what stands between that and the origin */
export function inFrontOf(front: Standing, back: Standing): Standing {
  return {
    product: front.product,
    role: front.role,
    about: `${front.product} (${front.about}) before ${back.product} (${back.about})`,
    missing: async () => (await front.missing()) ?? (await back.missing()),
    async start(originUrl) {
      const behind = await back.start(originUrl);
      try {
        const before = await front.start(behind.url);
        return { ...before, stop: async () => void (await Promise.all([before.stop(), behind.stop()])) };
      } catch (error) {
        await behind.stop();
        throw error;
      }
    },
  };
}
