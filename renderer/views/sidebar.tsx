/** The left column: places, streams, and at its foot how many flow. Two lines a stream, so that a state is always a word too. */
import type { StreamView } from "../../preload/contract.ts";
import { ask, bridge } from "../bridge.ts";
import { cx } from "../class-names.ts";
import { useNow } from "../clock.ts";
import { Beats } from "../components/beats.tsx";
import { Brand } from "../components/brand.tsx";
import { Button } from "../components/button.tsx";
import { Chip } from "../components/chip.tsx";
import { Glyph } from "../components/glyph.tsx";
import { Icon, type IconName } from "../components/icon.tsx";
import { useDrafts } from "../drafts.ts";
import { type Place, places, useNavigation } from "../navigation.tsx";
import { useAttempt, useSource, useStore } from "../store.ts";
import { isFlowing, stateOf, toneOfStream } from "../stream-state.ts";
import { sideFact } from "../text/connection-words.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import { useTheme } from "../theme.ts";
import css from "./sidebar.module.css";

const icons: Record<Place, IconName> = {
  streams: "streams",
  quality: "quality",
  diagnose: "diagnose",
  settings: "settings",
};

/** The whole column. */
export function Sidebar() {
  const { say } = useLanguage();
  const store = useStore();
  const app = useSource(store.app);
  const streams = useSource(store.streams) ?? [];
  return (
    <aside className={css["sidebar"]} aria-label="Holdfast">
      <div className={css["brand"]}>
        <Brand />
        <span>Holdfast</span>
        {app?.testRuntime === true ? (
          <Chip title={say("app.testRuntime.why", { version: app.electron })}>{say("app.testRuntime")}</Chip>
        ) : null}
      </div>
      <Places />
      {streams.length === 0 ? null : (
        <nav className={css["list"]} aria-label={say("side.streams")}>
          <ul>
            {streams.map((stream) => (
              <li key={stream.id}>
                <StreamItem stream={stream} />
              </li>
            ))}
          </ul>
        </nav>
      )}
      <Foot streams={streams} />
    </aside>
  );
}

function Places() {
  const { say } = useLanguage();
  const { place: here, go } = useNavigation();
  const [drafts] = useDrafts();
  const command = /mac/i.test(navigator.platform) ? "⌘" : "Ctrl ";
  return (
    <nav aria-label={say("side.places")}>
      <ul className={css["places"]}>
        {places.map((place, at) => (
          <li key={place}>
            <button
              type="button"
              className={css["place"]}
              aria-current={place === here ? "page" : undefined}
              aria-keyshortcuts={`Control+${at + 1}`}
              onClick={() => go(place)}
            >
              <Icon name={icons[place]} />
              <span className={css["grow"]}>{say(`place.${place}`)}</span>
              {place === "settings" && drafts.size > 0 ? (
                <span className={css["unsaved"]}>{say("settings.unsaved")}</span>
              ) : null}
              <kbd className={css["key"]}>{`${command}${at + 1}`}</kbd>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function StreamItem({ stream }: { stream: StreamView }) {
  const language = useLanguage();
  const { format, say } = language;
  const { stream: chosen, place, showStream } = useNavigation();
  const now = useNow();
  const state = stateOf(stream);
  const tone = toneOfStream(stream);
  const loud = tone === "warn" || tone === "bad";
  const fact = visibleLine(sideFact(language, stream, now));
  const name = visibleLine(stream.name);
  return (
    <button
      type="button"
      className={css["stream"]}
      aria-current={stream.id === chosen && place !== "settings" ? "true" : undefined}
      onClick={() => showStream(stream.id)}
    >
      <span className={css["line"]}>
        <Glyph state={state} tone={tone} />
        <bdi className={css["name"]} title={name}>
          {name}
        </bdi>
        <span className={css["events"]} title={say("side.events", { count: stream.events })}>
          {format.number(stream.events)}
        </span>
      </span>
      <span className={cx(css["line"], css["second"])}>
        <span
          className={cx(css["fact"], (loud || state === "connecting") && css["toned"])}
          data-tone={tone}
          title={fact}
        >
          {fact}
        </span>
        <Beats beats={stream.beats} />
      </span>
    </button>
  );
}

function Foot({ streams }: { streams: readonly StreamView[] }) {
  const { say } = useLanguage();
  const { settings: source } = useStore();
  const settings = useSource(source);
  const { showSettings } = useNavigation();
  const attempt = useAttempt();
  const theme = useTheme(settings?.general.theme ?? "system");
  const other = theme === "dark" ? "light" : "dark";
  const locked = ["policy", "flag"].includes(settings?.sources["general.theme"] ?? "");
  const flowing = streams.filter(isFlowing).length;
  return (
    <div className={css["foot"]}>
      <span className={css["grow"]}>
        {streams.length === 0 ? say("side.none") : say("side.flowing", { flowing, total: streams.length })}
      </span>
      <Button kind="quiet" small icon="plus" label={say("side.add")} onPress={() => showSettings({ page: "new" })} />
      {locked ? null : (
        <Button
          kind="quiet"
          small
          icon={other === "dark" ? "moon" : "sun"}
          label={say(other === "dark" ? "side.theme.dark" : "side.theme.light")}
          onPress={() => attempt(() => ask(bridge().settings.setGeneral({ theme: other })))}
        />
      )}
    </div>
  );
}
