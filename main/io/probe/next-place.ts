/** Where a redirect leads, and by which way a stream would go there: each address is asked for its own. */
import type { RedirectFact } from "../../core/diagnosis/facts.ts";
import { follow } from "../sse/redirects.ts";
import type { Place } from "./place.ts";
import type { ProbeRoute, Ways } from "./route.ts";

export type Next =
  | {
      readonly place: Place;
      /** Further ways there, should the first one's proxy be at fault. */
      readonly others: readonly ProbeRoute[];
      /** What of the id may travel along. */
      readonly lastEventId: string;
    }
  | { readonly why: NonNullable<RedirectFact["refused"]> };

/** @param visited addresses asked so far, the present one last; the next one is added */
export async function nextPlace(
  { url: from, headers }: Place,
  status: number,
  location: string | null,
  visited: string[],
  lastEventId: string,
  ways: Ways,
): Promise<Next> {
  const asked = { url: from.href, method: "GET", body: null, headers, lastEventId, resumeQuery: null };
  const next = follow({ ...asked, frames: "auto" }, status, location, visited);
  if ("evidence" in next) return { why: next.evidence.what === "redirect" ? next.evidence.why : "refused" };
  const { target } = next;
  const [route, ...others] = await ways(target.url);
  if (route === undefined) return { why: "no-way" };
  visited.push(target.url);
  return {
    place: { url: new URL(target.url), headers: target.headers, route },
    others,
    lastEventId: target.lastEventId,
  };
}
