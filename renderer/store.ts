/**
 * What the window knows of the app: four views that main pushes whole. Each source subscribes first and asks after,
 * so nothing falls between; an event that overtakes the answer wins, for it is newer.
 */
import { createContext, use, useCallback, useSyncExternalStore } from "react";
import type { AppView, Code, DiagnosisView, SettingsView, StreamView } from "../preload/contract.ts";
import { ask, bridge, codeOf } from "./bridge.ts";

/** One value that others may watch. */
export class Source<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();
  constructor(first: T) {
    this.#value = first;
  }
  readonly read = (): T => this.#value;
  readonly set = (value: T): void => {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  };
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Everything the views read. `refused` is the last call that failed, until the user has read it. */
export type Store = {
  readonly app: Source<AppView | null>;
  readonly streams: Source<readonly StreamView[] | null>;
  readonly settings: Source<SettingsView | null>;
  /** The present or last diagnosis. */
  readonly diagnosis: Source<DiagnosisView | null>;
  readonly refused: Source<Code | null>;
  /** Begins to listen; returns the end of it. */
  start(): () => void;
};

function connect<T>(
  source: Source<T | null>,
  listen: (listener: (value: T) => void) => () => void,
  get: () => Promise<T>,
  failed: (error: unknown) => void,
): () => void {
  let overtaken = false;
  const end = listen((value) => {
    overtaken = true;
    source.set(value);
  });
  get().then((value) => {
    if (!overtaken) source.set(value);
  }, failed);
  return end;
}

/** A store that has not started yet. */
export function makeStore(): Store {
  const app = new Source<AppView | null>(null);
  const streams = new Source<readonly StreamView[] | null>(null);
  const settings = new Source<SettingsView | null>(null);
  const diagnosis = new Source<DiagnosisView | null>(null);
  const refused = new Source<Code | null>(null);
  const failed = (error: unknown): void => refused.set(codeOf(error));
  const start = (): (() => void) => {
    const main = bridge();
    const ends = [
      connect(app, main.app.changed, () => ask(main.app.get()), failed),
      connect(streams, main.streams.changed, () => ask(main.streams.list()), failed),
      connect(settings, main.settings.changed, () => ask(main.settings.get()), failed),
      connect(diagnosis, main.diagnosis.changed, () => ask(main.diagnosis.get()), failed),
    ];
    return () => {
      for (const end of ends) end();
    };
  };
  return { app, streams, settings, diagnosis, refused, start };
}

export const StoreContext = createContext<Store | null>(null);

/** The store of this window. */
export function useStore(): Store {
  const store = use(StoreContext);
  if (store === null) throw new Error("no StoreContext above this component");
  return store;
}

/** The present value of a source; the component draws again when it changes. */
export function useSource<T>(source: Source<T>): T {
  return useSyncExternalStore(source.subscribe, source.read);
}

/** Does something that may be refused; a refusal is shown at the foot of the window instead of being lost. The same function always. */
export function useAttempt(): (action: () => Promise<unknown>) => void {
  const { refused } = useStore();
  return useCallback(
    (action) => {
      action().catch((error: unknown) => refused.set(codeOf(error)));
    },
    [refused],
  );
}
