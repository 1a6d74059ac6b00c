/** Two proxies in a row, as one configuration: what the back one does wrong, the front one passes on, hides or makes worse. */
import type { Configuration } from "./configuration.ts";

/** @param front what the client speaks to @param back what stands between that and the origin, never a forward proxy */
export function chain(front: Configuration, back: Configuration): Configuration {
  return {
    name: `${front.name}+${back.name}`,
    product: front.product,
    role: front.role,
    good: front.good && back.good,
    faults: [...new Set([...front.faults, ...back.faults])],
    idleS:
      front.idleS === null || back.idleS === null ? (front.idleS ?? back.idleS) : Math.min(front.idleS, back.idleS),
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
