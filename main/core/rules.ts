/** Which events the user wants to be told about. How often a banner may then appear is notice.ts's subject. */
import type { Endpoint } from "../../preload/contract.ts";

/**
 * Whether an endpoint's rule asks for a banner for this event.
 * No types means all types; `contains` is looked for in the data, ignoring case; both have to hold.
 */
export function asks(rule: Endpoint["notify"], event: { readonly type: string; readonly data: string }): boolean {
  if (!rule.on) return false;
  if (rule.types.length > 0 && !rule.types.includes(event.type)) return false;
  return rule.contains === "" || event.data.toLowerCase().includes(rule.contains.toLowerCase());
}
