/** One stream: head, connection bar, its events, and the event one looks at. */
import { useEffect, useState } from "react";
import type { StreamView } from "../../preload/contract.ts";
import { ask, bridge } from "../bridge.ts";
import { cx } from "../class-names.ts";
import { Button } from "../components/button.tsx";
import { isDialogOpen } from "../components/dialog.tsx";
import { Icon } from "../components/icon.tsx";
import { type EventRow, rowOf } from "../events/row-kinds.ts";
import { HuesContext, huesOf } from "../hue.ts";
import { isLoopback } from "../loopback.ts";
import { useNavigation } from "../navigation.tsx";
import { useAttempt, useSource, useStore } from "../store.ts";
import { cutMiddle } from "../text/cut-middle.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import { ConnectionBar } from "./connection-bar.tsx";
import { Comparison } from "./events/comparison.tsx";
import type { Looked } from "./events/event-list.tsx";
import { Events } from "./events/events.tsx";
import { Inspector } from "./events/inspector.tsx";
import css from "./streams.module.css";

/** The place "Streams". */
export function StreamsView() {
  const streams = useSource(useStore().streams) ?? [];
  const { stream: chosen } = useNavigation();
  const stream = streams.find(({ id }) => id === chosen);
  return stream === undefined ? null : <Stream key={stream.id} stream={stream} />;
}

function Stream({ stream }: { stream: StreamView }) {
  const [inspected, setInspected] = useState<EventRow | null>(null);
  const [pinned, setPinned] = useState<EventRow | null>(null);
  const [found, setFound] = useState<RegExp | null>(null);
  useRetryKey(stream.id);
  useWanted(stream.id, setInspected);
  const inspect = (row: EventRow | null): void => {
    setInspected(row);
    if (row === null) setPinned(null);
  };
  const looked: Looked = { inspected, pinned, inspect, pin: setPinned };
  return (
    <HuesContext value={huesOf(stream.id)}>
      <Head stream={stream} />
      <ConnectionBar stream={stream} />
      <div className={cx(css["split"], inspected !== null && css["open"])}>
        <Events stream={stream} looked={looked} finds={setFound} />
        <Beside looked={looked} found={found} />
      </div>
    </HuesContext>
  );
}

/** What stands beside the list: the event one looks at, or two compared. */
function Beside({ looked: { inspected, pinned, inspect, pin }, found }: { looked: Looked; found: RegExp | null }) {
  if (inspected === null) return null;
  if (pinned !== null && pinned.seq !== inspected.seq)
    return <Comparison one={pinned} other={inspected} stop={() => pin(null)} />;
  return (
    <Inspector
      row={inspected}
      found={found}
      comparing={pinned !== null}
      compare={(on) => pin(on ? inspected : null)}
      close={() => inspect(null)}
    />
  );
}

function Head({ stream }: { stream: StreamView }) {
  const { say } = useLanguage();
  const { showSettings } = useNavigation();
  const address = visibleLine(stream.address);
  return (
    <header className={css["head"]}>
      <h1 className={css["name"]}>
        <bdi>{visibleLine(stream.name)}</bdi>
      </h1>
      <bdi className={css["address"]} title={address}>
        {cutMiddle(address, 64)}
      </bdi>
      {stream.encrypted || isLoopback(stream.endpoint) ? null : (
        <span className={css["plain"]} title={say("head.plain.why")}>
          <Icon name="unlock" size={13} />
          {say("head.plain")}
        </span>
      )}
      <span className={css["grow"]} />
      {stream.lastEventId === "" ? null : (
        <span className={css["cursor"]} title={say("head.lastEventId.why")}>
          <span>Last-Event-ID</span>
          <bdi>{cutMiddle(visibleLine(stream.lastEventId), 24)}</bdi>
        </span>
      )}
      {stream.source === "demo" ? null : (
        <Button
          kind="quiet"
          icon="settings"
          label={say("head.edit")}
          onPress={() => showSettings({ page: "stream", id: stream.id })}
        />
      )}
    </header>
  );
}

/** Opens the event that a banner was about, when it is still kept. */
function useWanted(id: string, inspect: (row: EventRow) => void): void {
  const { wanted } = useNavigation();
  const attempt = useAttempt();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new wish counts
  useEffect(() => {
    if (wanted === null || wanted.stream !== id) return;
    attempt(async () => {
      const detail = await ask(bridge().events.get(wanted.seq));
      if (detail !== null) inspect(rowOf(detail));
    });
  }, [wanted, id]);
}

/** Ctrl+R reconnects now. */
function useRetryKey(id: string): void {
  const attempt = useAttempt();
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "r" || event.shiftKey) return;
      event.preventDefault();
      if (isDialogOpen()) return;
      attempt(() => ask(bridge().streams.retryNow(id)));
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [id, attempt]);
}
