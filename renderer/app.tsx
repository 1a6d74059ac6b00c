/** The frame: language, theme, where we are, and the dialogs that may appear anywhere. */
import { type ReactNode, useEffect, useMemo, useState } from "react";
import css from "./app.module.css";
import { bridge } from "./bridge.ts";
import { isDialogOpen } from "./components/dialog.tsx";
import { DiagnoseFormContext, makeDiagnoseForm } from "./diagnose-form.ts";
import { DraftsContext, makeDrafts } from "./drafts.ts";
import { type Navigation, NavigationContext, type Place, places, type SettingsPage } from "./navigation.tsx";
import { useShellGone } from "./shell.ts";
import { useSource, useStore } from "./store.ts";
import { LanguageProvider } from "./text/language.tsx";
import { useTheme } from "./theme.ts";
import { Announcer } from "./views/announcer.tsx";
import { ClosingDialog } from "./views/closing-dialog.tsx";
import { DiagnoseView } from "./views/diagnose/diagnose.tsx";
import { FirstRun } from "./views/first-run.tsx";
import { Problems, Refused } from "./views/problems.tsx";
import { QualityView } from "./views/quality/quality.tsx";
import { SettingsView } from "./views/settings/settings.tsx";
import { Sidebar } from "./views/sidebar.tsx";
import { StreamsView } from "./views/streams.tsx";

/** The whole window. Until main has said what there is the shell of the page stands in its place (index.html). */
export function App() {
  const store = useStore();
  const app = useSource(store.app);
  const settings = useSource(store.settings);
  useTheme(settings?.general.theme ?? "system");
  if (app === null) return <Unready />;
  return (
    <LanguageProvider locale={app.locale}>
      <Frame />
    </LanguageProvider>
  );
}

/** Before the first answer; if there is none, the reason is all we have. */
function Unready() {
  const refused = useSource(useStore().refused);
  useShellGone(refused !== null);
  return refused === null ? null : <p className={css["unready"]}>Holdfast: {refused.code}</p>;
}

function Frame() {
  const store = useStore();
  useShellGone(true);
  const streams = useSource(store.streams);
  const [place, setPlace] = useState<Place>("streams");
  const [chosen, setChosen] = useState<string | null>(null);
  const [settingsPage, setSettingsPage] = useState<SettingsPage>({ page: "general" });
  const [wanted, setWanted] = useState<Navigation["wanted"]>(null);
  const [drafts] = useState(makeDrafts);
  const [diagnoseForm] = useState(makeDiagnoseForm);
  const stream = streams?.find(({ id }) => id === chosen)?.id ?? streams?.[0]?.id ?? null;
  const navigation: Navigation = useMemo(
    () => ({
      place,
      stream,
      settingsPage,
      wanted,
      go: setPlace,
      showStream: (id) => {
        setChosen(id);
        diagnoseForm.set({ ...diagnoseForm.read(), typed: false });
        setPlace((now) => (now === "settings" ? "streams" : now));
      },
      showSettings: (page) => {
        setSettingsPage(page);
        setPlace("settings");
      },
      showDiagnose: (id) => {
        setChosen(id);
        diagnoseForm.set({ ...diagnoseForm.read(), typed: false });
        setPlace("diagnose");
      },
    }),
    [place, stream, settingsPage, wanted, diagnoseForm],
  );
  usePlaceKeys(setPlace);
  // The tray wants a stream on the screen, a banner its event.
  useEffect(
    () =>
      bridge().app.show(({ stream: id, seq }) => {
        setChosen(id);
        setPlace("streams");
        setWanted(seq === null ? null : { stream: id, seq });
      }),
    [],
  );

  return (
    <NavigationContext value={navigation}>
      <DraftsContext value={drafts}>
        <DiagnoseFormContext value={diagnoseForm}>
          <div className={css["frame"]}>
            <Sidebar />
            <main className={css["main"]}>
              <Problems />
              {streams === null ? null : <View place={place} empty={streams.length === 0} />}
            </main>
          </div>
        </DiagnoseFormContext>
        <Refused />
        <ClosingDialog />
        <Announcer />
      </DraftsContext>
    </NavigationContext>
  );
}

function View({ place, empty }: { place: Place; empty: boolean }): ReactNode {
  switch (place) {
    case "streams":
      return empty ? <FirstRun /> : <StreamsView />;
    case "quality":
      return <QualityView />;
    case "diagnose":
      return <DiagnoseView />;
    case "settings":
      return <SettingsView />;
  }
}

/** Ctrl (or Cmd) and a digit goes to a place. */
function usePlaceKeys(go: (place: Place) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || isDialogOpen()) return;
      const place = places[Number(event.key) - 1];
      if (place === undefined) return;
      event.preventDefault();
      go(place);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [go]);
}
