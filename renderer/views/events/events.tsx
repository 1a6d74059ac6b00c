/** The pane of events: filter, list and foot, with the keys that belong to them. */
import { memo, type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Code, Filter, StreamView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { useCalm } from "../../calm.ts";
import { Button } from "../../components/button.tsx";
import { Dialog, isDialogOpen } from "../../components/dialog.tsx";
import { type EventLog, isOfPath, type LogView } from "../../events/event-log.ts";
import { FilterSwitch } from "../../events/filter-switch.ts";
import { useAttempt } from "../../store.ts";
import { patternOf } from "../../text/found-words.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import { useSame } from "../../use-same.ts";
import { EmptyEvents } from "./empty-events.tsx";
import { EventFilter } from "./event-filter.tsx";
import { EventList, type ListHandle, type Looked } from "./event-list.tsx";
import css from "./events.module.css";
import { ExportDialog } from "./export-dialog.tsx";
import { Jump } from "./jump.tsx";

const noFilter: Filter = { types: [], text: "", path: "", from: null, to: null };

/** Whether it leaves anything out. */
export function isFiltered({ types, text, path, from, to }: Filter): boolean {
  return types.length > 0 || text !== "" || path !== "" || from !== null || to !== null;
}

/** With a part of it changed. An end before the beginning stays out, whichever of the two settles first. */
function changed(before: Filter, part: Partial<Filter>): Filter {
  const { from, to } = { ...before, ...part };
  const reversed = typeof part.to === "number" && from !== null && to !== null && to <= from;
  return { ...before, ...part, to: reversed ? before.to : to };
}

type Listed = { readonly log: EventLog; readonly view: LogView };

/** Whether it is the same list, and nothing differs but how much there is. */
function isCount({ log, view: shown }: Listed, { log: next, view: newest }: Listed): boolean {
  if (log !== next) return false;
  const named = ["loaded", "exact", "held", "paused", "problem"] as const;
  return named.every((name) => shown[name] === newest[name]) && (shown.total === 0) === (newest.total === 0);
}

type Props = {
  stream: StreamView;
  looked: Looked;
  /** Says what a filter's words are found by, for those who show an event beside the list. */
  finds: (pattern: RegExp | null) => void;
};

/** Events of one stream. */
export function Events({ stream, looked, finds }: Props) {
  const [filter, setFilter] = useState(noFilter);
  const filters = useMemo(() => new FilterSwitch(stream.id, noFilter), [stream.id]);
  useEffect(() => filters.start(), [filters]);
  const asked = useRef(filter);
  useEffect(() => {
    if (asked.current === filter) return;
    asked.current = filter;
    filters.ask(filter);
  }, [filters, filter]);
  const { log, filter: shown, seeking, problem } = useSyncExternalStore(filters.subscribe, filters.read);
  const view = useSyncExternalStore(log.subscribe, log.read);
  const listed = useMemo(() => ({ log, view }), [log, view]);
  const { view: calm } = useCalm(listed, isCount);
  const found = useMemo(() => patternOf(shown.text), [shown.text]);
  useEffect(() => finds(found), [finds, found]);
  const list = useRef<ListHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const [jumping, setJumping] = useState(false);
  const [exporting, setExporting] = useState(false);
  usePaneKeys({
    find: () => search.current?.select(),
    jump: () => setJumping(true),
    save: () => setExporting(true),
    pause: () => log.pause(!log.read().paused),
    key: (key) => list.current?.key(key) ?? false,
  });
  useListFocus(looked, list);
  const change = useSame((part: Partial<Filter>) => setFilter((before) => changed(before, part)));
  const pause = useSame((paused: boolean) => log.pause(paused));
  const day = useSame(() => list.current?.here()?.at ?? Date.now());
  const toList = useSame(() => list.current?.focus());
  const cleared = useSame(() => filters.renew());
  const save = useSame(() => setExporting(true));
  const jump = useMemo(
    () => (
      <Jump
        open={jumping}
        setOpen={setJumping}
        here={() => list.current?.here()}
        newest={() => log.row(log.read().count - 1)}
        jump={async (at) => {
          const place = await log.jump(at);
          if (place !== null) list.current?.goTo(place);
          return place !== null;
        }}
        done={() => list.current?.focus()}
      />
    ),
    [jumping, log],
  );

  return (
    <section className={css["pane"]} aria-label={useLanguage().say("events.label")}>
      <EventFilter
        types={calm.types}
        filter={filter}
        change={change}
        problem={problem !== null && isOfPath(problem) ? problem : null}
        day={day}
        paused={calm.paused}
        pause={pause}
        search={search}
        leave={toList}
        jump={jump}
      />
      <div className={css["body"]}>
        <EventList ref={list} log={log} view={view} stream={stream} found={found} looked={looked} />
        {view.loaded && view.count === 0 ? (
          <EmptyEvents stream={stream} view={view} filtered={isFiltered(shown)} unfilter={() => setFilter(noFilter)} />
        ) : null}
        <Fresh view={calm} release={() => (view.paused ? log.pause(false) : log.hold(false))} />
      </div>
      <Foot
        stream={stream.id}
        name={stream.name}
        view={calm}
        filtered={isFiltered(shown)}
        seeking={seeking}
        problem={problem !== null && !isOfPath(problem) ? problem : null}
        cleared={cleared}
        save={save}
      />
      {exporting ? (
        <ExportDialog
          stream={stream}
          filter={shown}
          filtered={isFiltered(shown)}
          open={openSeqs(looked)}
          close={() => setExporting(false)}
        />
      ) : null}
    </section>
  );
}

/** Numbers of the events that are open beside the list, rising. */
function openSeqs({ inspected, pinned }: Looked): number[] {
  const seqs = [inspected, pinned].flatMap((row) => (row === null ? [] : [row.seq]));
  return [...new Set(seqs)].sort((a, b) => a - b);
}

/** Who begins to compare chooses in the list next: the keys belong there. */
function useListFocus({ pinned, inspected }: Looked, list: RefObject<ListHandle | null>): void {
  const alone = pinned !== null && pinned.seq === inspected?.seq;
  useEffect(() => {
    if (alone) list.current?.focus();
  }, [alone, list]);
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

type FootProps = {
  /** The stream's id. */
  stream: string;
  name: string;
  view: LogView;
  filtered: boolean;
  seeking: boolean;
  /** Why the search does not answer; it is asked again. */
  problem: Code | null;
  cleared: () => void;
  save: () => void;
};

const Foot = memo(function Foot({ stream, name, view, filtered, seeking, problem, cleared, save }: FootProps) {
  const { say, sayCode } = useLanguage();
  const attempt = useAttempt();
  const [asking, setAsking] = useState(false);
  const clear = (): void => {
    setAsking(false);
    attempt(async () => {
      await ask(bridge().events.clear(stream));
      cleared();
    });
  };
  const counts = filtered ? countWords(say, view) : say("events.rows", { total: view.total });
  return (
    <footer className={css["foot"]}>
      <span className={css["follows"]}>{followWords(say, view)}</span>
      <span className={css["grow"]} />
      {problem === null ? null : (
        <span className={css["problem"]} role="status">
          {sayCode("error", problem.code, problem.params, "error.unknown")}
        </span>
      )}
      {problem === null && (seeking || !view.exact) ? (
        <span className={css["counts"]}>{say("events.seeking")}</span>
      ) : null}
      {filtered && !view.exact && view.behind > 0 ? (
        <span className={css["counts"]} title={say("events.behind.why")}>
          {say("events.behind", { count: view.behind })}
        </span>
      ) : null}
      {counts === "" ? null : <span className={css["counts"]}>{counts}</span>}
      <Button kind="quiet" small icon="save" label={say("export.open")} onPress={save} />
      {view.total === 0 ? null : (
        <Button kind="quiet" small icon="trash" label={say("events.clear")} onPress={() => setAsking(true)} />
      )}
      {asking ? (
        <Dialog
          title={say("events.clear.title", { name })}
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
});

/** What the view does with what comes; nothing where there is nothing to look at. */
function followWords(say: Language["say"], { paused, held, count, total }: LogView): string {
  if (total === 0) return "";
  if (paused) return say("events.paused");
  return count === 0 ? "" : say(held ? "events.held" : "events.following");
}

/** How many rows match; "at least none" would say nothing. */
function countWords(say: Language["say"], { exact, matching, total }: LogView): string {
  if (exact) return say("events.matching", { matching, total });
  return matching === 0 ? "" : say("events.atLeast", { matching, total });
}

type Keys = { find: () => void; jump: () => void; save: () => void; pause: () => void; key: (key: string) => boolean };

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
      const letter = event.key.toLowerCase();
      if (command && ["f", "g", "e"].includes(letter) && !isDialogOpen()) {
        event.preventDefault();
        if (letter === "f") latest.current.find();
        else if (letter === "e") latest.current.save();
        else latest.current.jump();
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
