/** General settings. Each takes effect at once; a refusal stands under its field. */
import { useState } from "react";
import type { FieldError, General, SettingsView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { Segmented, Select, Switch, TextField } from "../../components/field.tsx";
import { Notice } from "../../components/notice.tsx";
import { useAttempt, useSource, useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { AppProxyFields } from "./app-proxy.tsx";
import { PolicyFields } from "./policy-fields.tsx";
import { AppRetention } from "./retention-fields.tsx";
import css from "./settings-general.module.css";

/** The page. */
export function GeneralPage({ settings }: { settings: SettingsView }) {
  const { say, sayCode } = useLanguage();
  const { general } = settings;
  const app = useSource(useStore().app);
  const attempt = useAttempt();
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const set = (change: Partial<General>): void =>
    attempt(async () => setErrors((await ask(bridge().settings.setGeneral(change))).errors));
  const locked = (field: string): boolean => ["policy", "flag"].includes(settings.sources[`general.${field}`] ?? "");
  const error = (field: string): string | undefined => {
    const found = errors.find((each) => each.field === field || each.field === `general.${field}`);
    return found === undefined ? undefined : sayCode("field", found.code, found.params, "field.unknown");
  };

  const whole = error("");
  return (
    <div className={css["page"]}>
      {whole === undefined ? null : <Notice tone="bad">{whole}</Notice>}
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("general.appearance")}</h2>
        <Select
          label={say("general.language")}
          value={general.language}
          onChange={(language) => set({ language })}
          locked={locked("language")}
          error={error("language")}
          choices={[
            { id: "system", text: say("general.language.system") },
            { id: "en", text: "English" },
            { id: "zh-CN", text: "简体中文" },
          ]}
        />
        <Segmented
          label={say("general.theme")}
          value={general.theme}
          onChange={(theme) => set({ theme })}
          locked={locked("theme")}
          error={error("theme")}
          choices={[
            { id: "system", text: say("general.theme.system") },
            { id: "light", text: say("general.theme.light") },
            { id: "dark", text: say("general.theme.dark") },
          ]}
        />
      </section>
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("general.background")}</h2>
        <Switch
          label={say("general.closeToTray")}
          hint={say(app?.tray === false ? "general.closeToTray.noTray" : "general.closeToTray.hint")}
          on={general.closeToTray}
          onChange={(closeToTray) => set({ closeToTray })}
          locked={locked("closeToTray")}
          error={error("closeToTray")}
        />
        <Switch
          label={say("general.notifications")}
          hint={say("general.notifications.hint")}
          on={general.notifications}
          onChange={(notifications) => set({ notifications })}
          locked={locked("notifications")}
          error={error("notifications")}
        />
      </section>
      <section className={cx(css["section"], css["wide"])}>
        <h2 className={css["title"]}>{say("general.proxy")}</h2>
        <AppProxyFields key={JSON.stringify(general.proxy)} settings={settings} isLocked={locked} />
      </section>
      <section className={cx(css["section"], css["wide"])}>
        <h2 className={css["title"]}>{say("general.policy")}</h2>
        <PolicyFields
          key={JSON.stringify(general.policy)}
          policy={general.policy}
          defaults={settings.policyDefaults}
          errors={errors}
          isLocked={(path) => locked(`policy.${path}`)}
          save={(policy) => set({ policy })}
        />
      </section>
      <section className={cx(css["section"], css["wide"])}>
        <h2 className={css["title"]}>{say("general.retention")}</h2>
        <AppRetention
          key={JSON.stringify(general.retention)}
          retention={general.retention}
          defaults={settings.retentionDefaults}
          errors={errors}
          isLocked={(bound) => locked(`retention.${bound}`)}
          save={(retention) => set({ retention })}
        />
      </section>
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("general.stats")}</h2>
        <Switch
          label={say("general.stats.on")}
          hint={say("general.stats.hint")}
          on={general.stats.on}
          onChange={(on) => set({ stats: { ...general.stats, on } })}
          locked={locked("stats") || locked("stats.on")}
          error={error("stats") ?? error("stats.on")}
        />
        <StatsPort
          key={general.stats.port}
          port={general.stats.port}
          locked={locked("stats") || locked("stats.port")}
          error={error("stats.port")}
          save={(port) => set({ stats: { ...general.stats, port } })}
        />
        {app?.statsUrl == null ? null : <p className={css["url"]}>{say("general.stats.url", { url: app.statsUrl })}</p>}
      </section>
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("general.about")}</h2>
        <p className={css["about"]}>
          {say("general.version", { version: app?.version ?? "", electron: app?.electron ?? "" })}
        </p>
        <p className={css["about"]}>{say("general.privacy")}</p>
      </section>
    </div>
  );
}

type PortProps = { port: number; locked: boolean; error: string | undefined; save: (port: number) => void };

function StatsPort({ port, locked, error, save }: PortProps) {
  const { say } = useLanguage();
  const [text, setText] = useState(String(port));
  const number = /^\d{1,5}$/.test(text.trim()) ? Number(text) : -1;
  const wrong = number < 0 || number > 65_535;
  return (
    <form
      className={css["port"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) save(number);
      }}
    >
      <TextField
        label={say("general.stats.port")}
        hint={say("general.stats.port.hint")}
        value={text}
        onChange={setText}
        locked={locked}
        inputMode="numeric"
        error={wrong ? say("field.number-range") : error}
        mono
      />
      {number === port || wrong ? null : <Button type="submit">{say("save")}</Button>}
    </form>
  );
}
