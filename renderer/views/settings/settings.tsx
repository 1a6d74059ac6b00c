/** The place "Settings": a list of pages at the left, the page at the right. */
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { newDraft, useDrafts } from "../../drafts.ts";
import { type SettingsPage, useNavigation } from "../../navigation.tsx";
import { useSource, useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./settings.module.css";
import { EndpointPage } from "./settings-endpoint.tsx";
import { GeneralPage } from "./settings-general.tsx";

/** All pages. */
export function SettingsView() {
  const { say } = useLanguage();
  const settings = useSource(useStore().settings);
  const { settingsPage: at } = useNavigation();
  if (settings === null) return null;
  const endpoint = at.page === "stream" ? settings.endpoints.find(({ id }) => id === at.id) : undefined;
  return (
    <>
      <header className={css["head"]}>
        <h1 className={css["title"]}>{say("place.settings")}</h1>
      </header>
      <div className={css["split"]}>
        <Pages />
        {at.page === "new" ? (
          <EndpointPage key={newDraft} stored={null} />
        ) : endpoint !== undefined ? (
          <EndpointPage key={endpoint.id} stored={endpoint} />
        ) : (
          <GeneralPage settings={settings} />
        )}
      </div>
    </>
  );
}

function Pages() {
  const { say } = useLanguage();
  const settings = useSource(useStore().settings);
  const { settingsPage: at, showSettings } = useNavigation();
  const [drafts] = useDrafts();
  const endpoints = settings?.endpoints ?? [];
  const known = at.page === "stream" && !endpoints.some(({ id }) => id === at.id) ? "general" : at.page;
  return (
    <nav className={css["pages"]} aria-label={say("settings.pages")}>
      <PageLink page={{ page: "general" }} current={known === "general"}>
        {say("settings.general")}
      </PageLink>
      <div className={css["group"]}>
        <span className={css["grow"]}>{say("settings.streams")}</span>
        <Button kind="quiet" small icon="plus" label={say("side.add")} onPress={() => showSettings({ page: "new" })} />
      </div>
      {endpoints.map(({ id, name }) => (
        <PageLink
          key={id}
          page={{ page: "stream", id }}
          current={known === "stream" && at.page === "stream" && at.id === id}
          changed={drafts.has(id)}
        >
          {visibleLine(name)}
        </PageLink>
      ))}
      {at.page === "new" || drafts.has(newDraft) ? (
        <PageLink page={{ page: "new" }} current={at.page === "new"} changed={drafts.has(newDraft)}>
          {say("settings.newStream")}
        </PageLink>
      ) : null}
    </nav>
  );
}

type LinkProps = { page: SettingsPage; current: boolean; changed?: boolean; children: string };

function PageLink({ page, current, changed = false, children }: LinkProps) {
  const { say } = useLanguage();
  const { showSettings } = useNavigation();
  return (
    <button
      type="button"
      className={css["page"]}
      aria-current={current ? "page" : undefined}
      onClick={() => showSettings(page)}
    >
      <bdi className={cx(css["pageName"])}>{children}</bdi>
      {changed ? (
        <span className={css["dot"]} title={say("settings.unsaved")}>
          <span className="unseen">{say("settings.unsaved")}</span>
        </span>
      ) : null}
    </button>
  );
}
