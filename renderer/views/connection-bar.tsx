/** State, then cause, then evidence, then verb: the truth about one connection in a line and a half. */
import type { StreamView } from "../../preload/contract.ts";
import { ask, bridge } from "../bridge.ts";
import { useNow } from "../clock.ts";
import { Button } from "../components/button.tsx";
import { Chip, GradeChip } from "../components/chip.tsx";
import { Glyph } from "../components/glyph.tsx";
import { useNavigation } from "../navigation.tsx";
import { useAttempt, useSource, useStore } from "../store.ts";
import { isCalmWait, isSilentTooLong, stateOf, toneOfStream } from "../stream-state.ts";
import { causeLine, evidenceLine, waitLeft } from "../text/connection-words.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import css from "./connection-bar.module.css";
import { useFindOut } from "./diagnose/start.ts";
import { Ways } from "./ways.tsx";

/** The bar of a stream; ticks once a second. */
export function ConnectionBar({ stream }: { stream: StreamView }) {
  const language = useLanguage();
  const { say, format } = language;
  const now = useNow();
  const state = stateOf(stream);
  const left = waitLeft(stream, now);
  const cause = visibleLine(causeLine(language, stream, now));
  const tone = toneOfStream(stream);
  const evidence = visibleLine(evidenceLine(language, stream, now));
  return (
    <section className={css["bar"]} data-tone={tone} data-state={state} aria-label={say("bar.label")}>
      <span className={css["disc"]}>
        <Glyph state={state} size={16} tone={tone} />
      </span>
      <div className={css["words"]}>
        <p className={css["say"]} title={cause}>
          <b className={css["state"]}>{say(`state.${state}`)}</b>
          {left === null ? null : (
            <span className={css["countdown"]} role="timer" aria-live="off" aria-label={say("bar.countdown")}>
              {format.countdown(left)}
            </span>
          )}
          {cause === "" ? null : (
            <>
              <span className={css["dot"]}>{say("separator").trim()}</span>
              <span className={css["cause"]}>{cause}</span>
            </>
          )}
        </p>
        <p className={css["evidence"]} title={evidence}>
          {evidence}
        </p>
      </div>
      <Ways stream={stream} />
      <JournalChip journal={stream.journal} />
      {/* What is not open has no grade of now. */}
      {stream.phase !== "open" || stream.grade === "UNKNOWN" ? null : <GradeChip grade={stream.grade} />}
      <Verbs stream={stream} now={now} />
      {left === null || stream.retryDelayMs === null || stream.retryDelayMs <= 0 ? null : (
        <span className={css["wait"]} style={{ scale: `${Math.min(1, left / stream.retryDelayMs)} 1` }} />
      )}
    </section>
  );
}

function JournalChip({ journal }: { journal: StreamView["journal"] }) {
  const { say } = useLanguage();
  if (journal === "ok") return null;
  const tone = journal === "failing" ? "bad" : journal === "read-only" ? "warn" : "idle";
  return (
    <Chip tone={tone} title={say(`journal.${journal}.why`)}>
      {say(`journal.${journal}`)}
    </Chip>
  );
}

/** The server refused who we are, and the settings are the place to say it better. */
function needsSignIn({ failure, source }: StreamView): boolean {
  return (
    source === "settings" &&
    failure !== null &&
    ["unauthorized", "forbidden", "secret-missing", "credential-failed"].includes(failure.kind)
  );
}

/** Only another proxy, or another sign-in there, can help. */
function needsProxy({ failure, phase }: StreamView): boolean {
  return phase === "halted" && (failure?.kind === "proxy-auth" || failure?.kind === "proxy-settings");
}

/** To the page where the stream's proxy is chosen: its own, or the app's. */
function ProxyVerb({ id }: { id: string }) {
  const { say } = useLanguage();
  const { showSettings } = useNavigation();
  const endpoint = useSource(useStore().settings)?.endpoints.find((each) => each.id === id);
  const page = endpoint === undefined || endpoint.proxy.mode === "app" ? ({ page: "general" } as const) : null;
  return (
    <Button kind="primary" icon="settings" onPress={() => showSettings(page ?? { page: "stream", id })}>
      {say("verb.proxy")}
    </Button>
  );
}

/** Another try cannot help: the address, or what is asked of it, has to change. */
const wrongAddress: ReadonlySet<string> = new Set([
  "not-found",
  "gone",
  "bad-url",
  "method-not-allowed",
  "not-acceptable",
  "bad-request",
  "address-too-long",
]);

function Verbs({ stream, now }: { stream: StreamView; now: number }) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  const { showSettings } = useNavigation();
  const { id } = stream;
  const state = stateOf(stream);
  const retry = (): void => attempt(() => ask(bridge().streams.retryNow(id)));
  if (state === "paused" || state === "halted") {
    const signIn = state === "halted" && needsSignIn(stream);
    const hopeless = state === "halted" && wrongAddress.has(stream.failure?.kind ?? "");
    const edit = hopeless && stream.source === "settings";
    return (
      <div className={css["verbs"]}>
        {needsProxy(stream) ? <ProxyVerb id={id} /> : null}
        {signIn ? (
          <Button kind="primary" icon="lock" onPress={() => showSettings({ page: "stream", id })}>
            {say("verb.signIn")}
          </Button>
        ) : null}
        {edit ? (
          <Button kind="primary" icon="settings" onPress={() => showSettings({ page: "stream", id })}>
            {say("verb.editAddress")}
          </Button>
        ) : null}
        <Button
          kind={signIn || hopeless || needsProxy(stream) ? "plain" : "primary"}
          icon="play"
          onPress={() => attempt(() => ask(bridge().streams.resume(id)))}
        >
          {say(hopeless ? "verb.tryAnyway" : "verb.resume")}
        </Button>
        {state === "halted" ? <FindOut id={id} /> : null}
      </div>
    );
  }
  const troubled = state === "waiting" && !isCalmWait(stream);
  // What is held back comes no sooner on a new connection: first find out by whom.
  const held = state === "held";
  return (
    <div className={css["verbs"]}>
      {held ? <FindOut id={id} kind="primary" /> : null}
      {state === "connecting" ? null : (
        <Button kind={troubled ? "primary" : "plain"} icon="retry" onPress={retry}>
          {say(state === "offline" || state === "asleep" ? "verb.tryAnyway" : "verb.reconnect")}
        </Button>
      )}
      {troubled || isSilentTooLong(stream, now) ? <FindOut id={id} /> : null}
      <Button kind="quiet" icon="stop" onPress={() => attempt(() => ask(bridge().streams.stop(id)))}>
        {say("verb.stop")}
      </Button>
    </div>
  );
}

/** Starts a diagnosis of this stream and shows it. */
function FindOut({ id, kind = "plain" }: { id: string; kind?: "primary" | "plain" }) {
  const { say } = useLanguage();
  const findOut = useFindOut();
  return (
    <Button kind={kind} icon="diagnose" onPress={() => findOut(id)}>
      {say("verb.findOut")}
    </Button>
  );
}
