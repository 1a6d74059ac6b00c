/** How much of each stream is kept, as the journal's worker knows it and as the settings say it. */
import type { Endpoint, Retention, SettingsView } from "../../../preload/contract.ts";

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
  const own = endpoints
    .filter(({ retention }) => Object.values(retention).some((bound) => bound !== null))
    .map(({ id, retention }) => [id, limitOf(retentionOf(every, retention))] as const);
  return { every: limitOf(every), own };
}

/** How much of a stream is kept; null: it keeps nothing, as does what is not in the settings. */
export function keptOf(
  { general, endpoints }: Pick<SettingsView, "general" | "endpoints">,
  id: string,
): Retention | null {
  const endpoint = endpoints.find((known) => known.id === id);
  if (endpoint === undefined || endpoint.keep === "nothing") return null;
  return retentionOf(general.retention, endpoint.retention);
}

/** What counts for a stream. */
function retentionOf(every: Retention, own: Endpoint["retention"]): Retention {
  return {
    days: own.days ?? every.days,
    events: own.events ?? every.events,
    mebibytes: own.mebibytes ?? every.mebibytes,
  };
}

function limitOf({ days, events, mebibytes }: Retention): Limits {
  return { maxAgeMs: days * dayMs, maxRecords: events, maxBytes: mebibytes * mebibyte };
}
