/**
 * Edits of endpoints that are not saved yet. They live as long as the window, so that looking at another stream, or at the events,
 * loses nothing; secrets typed into them are nowhere else.
 */
import { createContext, use } from "react";
import type { EndpointForm } from "./endpoint-form.ts";
import { Source, useSource } from "./store.ts";

export type Drafts = Source<ReadonlyMap<string, EndpointForm>>;

/** No drafts yet. */
export function makeDrafts(): Drafts {
  return new Source<ReadonlyMap<string, EndpointForm>>(new Map());
}

/** The key of the stream that does not exist yet. */
export const newDraft = "";

export const DraftsContext = createContext<Drafts | null>(null);

/** All drafts, how to change one (`null` drops it), and how to read one as it is now, after something was waited for. */
export function useDrafts(): [
  ReadonlyMap<string, EndpointForm>,
  (id: string, form: EndpointForm | null) => void,
  (id: string) => EndpointForm | undefined,
] {
  const drafts = use(DraftsContext);
  if (drafts === null) throw new Error("no DraftsContext above this component");
  const all = useSource(drafts);
  const change = (id: string, form: EndpointForm | null): void => {
    const next = new Map(drafts.read());
    if (form === null) next.delete(id);
    else next.set(id, form);
    drafts.set(next);
  };
  return [all, change, (id) => drafts.read().get(id)];
}
