/** How much of each stream is kept, as the journal's worker knows it and as the settings say it. */
import type { Endpoint, Retention } from "../../../preload/contract.ts";

/** The oldest blocks beyond any of them go. */
export type Limits = { readonly maxAgeMs: number; readonly maxRecords: number; readonly maxBytes: number };

/** Of every stream, and of those that have their own. */
export type KeptLimits = {
  readonly every: Limits;
  readonly own: readonly (readonly [stream: string, limits: Limits])[];
};

const dayMs = 86_400_000;
const mebibyte = 1024 * 1024;

/** What the settings say. A stream that is not in them, as the demo's or one that was removed, is kept like every other. */
export function limitsOf(every: Retention, endpoints: readonly Pick<Endpoint, "id" | "retention">[]): KeptLimits {
  const own = endpoints.flatMap(({ id, retention: { days, events, mebibytes } }) => {
    const hasOwn = days !== null || events !== null || mebibytes !== null;
    const bounds = {
      days: days ?? every.days,
      events: events ?? every.events,
      mebibytes: mebibytes ?? every.mebibytes,
    };
    return hasOwn ? [[id, limitOf(bounds)] as const] : [];
  });
  return { every: limitOf(every), own };
}

function limitOf({ days, events, mebibytes }: Retention): Limits {
  return { maxAgeMs: days * dayMs, maxRecords: events, maxBytes: mebibytes * mebibyte };
}
