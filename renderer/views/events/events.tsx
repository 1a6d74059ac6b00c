/** The pane of events: filter, list and foot, with the keys that belong to them. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Filter, StreamView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { Dialog, isDialogOpen } from "../../components/dialog.tsx";
import { EventLog, type LogView } from "../../events/event-log.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import { useAttempt } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { EmptyEvents } from "./empty-events.tsx";
import { EventFilter } from "./event-filter.tsx";
import { EventList, type ListHandle } from "./event-list.tsx";
import css from "./events.module.css";

const noFilter: Filter = { types: [], text: "", path: "", from: null, to: null };

/** Whether it leaves anything out. */
export function isFiltered({ types, text, path, from, to }: Filter): boolean {
  return types.length > 0 || text !== "" || path !== "" || from !== null || to !== null;
}

type Props = { stream: StreamView; inspected: EventRow | null; inspect: (row: EventRow | null) => void };

/** Events of one stream. */
export function Events({ stream, inspected, inspect }: Props) {
  const [filter, setFilter] = useState(noFilter);
  // Clearing empties the list in main; a new log asks anew.
  const [era, setEra] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `era` asks for a new log
  const log = useMemo(() => new EventLog(stream.id, filter), [stream.id, filter, era]);
  useEffect(() => log.start(), [log]);
  const view = useSyncExternalStore(log.subscribe, log.read);
  const list = useRef<ListHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const filtered = isFiltered(filter);
  usePaneKeys({
    find: () => search.current?.select(),
    pause: () => log.pause(!log.read().paused),
    key: (key) => list.current?.key(key) ?? false,
  });

  return (
    <section className={css["pane"]} aria-label={useLanguage().say("events.label")}>
      <EventFilter
        types={view.types}
        filter={filter}
        change={setFilter}
        paused={view.paused}
        pause={(paused) => log.pause(paused)}
        search={search}
      />
      <div className={css["body"]}>
        <EventList ref={list} log={log} view={view} stream={stream} inspected={inspected} inspect={inspect} />
        {view.loaded && view.count === 0 ? (
          <EmptyEvents stream={stream} filtered={filtered} unfilter={() => setFilter(noFilter)} />
        ) : null}
        <Fresh view={view} release={() => (view.paused ? log.pause(false) : log.hold(false))} />
      </div>
      <Foot stream={stream} view={view} filtered={filtered} cleared={() => setEra(era + 1)} />
    </section>
  );
}

/** "n new": what came while the view was held; pressing it goes there. */
function Fresh({ view, release }: { view: LogView; release: () => void }) {
  const { say } = useLanguage();
  if (!view.held || view.fresh === 0) return null;
  return (
    <div className={css["fresh"]}>
      <Button kind="primary" small icon="newest" onPress={release}>
        {say("events.fresh", { count: view.fresh })}
      </Button>
    </div>
  );
}

type FootProps = { stream: StreamView; view: LogView; filtered: boolean; cleared: () => void };

function Foot({ stream, view, filtered, cleared }: FootProps) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  const [asking, setAsking] = useState(false);
  const clear = (): void => {
    setAsking(false);
    attempt(async () => {
      await ask(bridge().events.clear(stream.id));
      cleared();
    });
  };
  const follows = view.paused ? "events.paused" : view.held ? "events.held" : "events.following";
  return (
    <footer className={css["foot"]}>
      <span>{view.total === 0 ? "" : say(follows)}</span>
      <span className={css["grow"]} />
      <span className={css["counts"]}>
        {filtered
          ? say("events.matching", { matching: view.matching, total: view.total })
          : say("events.rows", { total: view.total })}
      </span>
      {view.total === 0 ? null : (
        <Button kind="quiet" small icon="trash" label={say("events.clear")} onPress={() => setAsking(true)} />
      )}
      {asking ? (
        <Dialog
          title={say("events.clear.title", { name: stream.name })}
          onDismiss={() => setAsking(false)}
          actions={
            <>
              <Button kind="quiet" autoFocus onPress={() => setAsking(false)}>
                {say("cancel")}
              </Button>
              <Button kind="danger" onPress={clear}>
                {say("events.clear.verb")}
              </Button>
            </>
          }
        >
          <p>{say("events.clear.text")}</p>
        </Dialog>
      ) : null}
    </footer>
  );
}

type Keys = { find: () => void; pause: () => void; key: (key: string) => boolean };

/** Keys of the pane: they work wherever nothing else wants them. */
function usePaneKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "f" && !isDialogOpen()) {
        event.preventDefault();
        latest.current.find();
        return;
      }
      if (command || event.altKey || isTaken(event.target)) return;
      if (event.key === " ") latest.current.pause();
      else if (!latest.current.key(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

/** Something that uses keys itself has the focus, or a dialog is open. */
function isTaken(target: EventTarget | null): boolean {
  if (isDialogOpen()) return true;
  if (!(target instanceof Element)) return false;
  return (
    target.closest(
      "input, textarea, button, select, [role=tab], [role=tree], [role=menu], [role=listbox], [contenteditable]",
    ) !== null
  );
}
