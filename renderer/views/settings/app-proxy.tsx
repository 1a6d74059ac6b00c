/** The app's own choice of a proxy: a choice without fields takes effect at once, a proxy of one's own when it is saved. */
import { useState } from "react";
import type { FieldError, SettingsView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { useAttempt } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./app-proxy.module.css";
import { useFieldErrors } from "./field-errors.ts";
import { ProxyFields, type ProxyForm } from "./proxy-fields.tsx";

const modes = ["system", "environment", "manual", "none"] as const;
/** Where main keeps its password. */
const secretKey = "@app/proxy";

type Props = { settings: SettingsView; isLocked: (field: string) => boolean };

export function AppProxyFields({ settings, isLocked }: Props) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  const stored = settings.general.proxy;
  const [form, setForm] = useState<ProxyForm>({ ...stored, password: "" });
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const error = useFieldErrors(errors);
  const { mode, url, username, password } = form;
  const changed =
    password !== "" || mode !== stored.mode || url.trim() !== stored.url || username.trim() !== stored.username;
  const save = (chosen: ProxyForm): void =>
    attempt(async () => {
      // "app" is none of the app's own choices.
      const own = modes.find((each) => each === chosen.mode) ?? "system";
      const proxy = { mode: own, url: chosen.url.trim(), username: chosen.username.trim() };
      const given = chosen.password === "" ? null : chosen.password;
      const saved = await ask(bridge().settings.setProxy({ proxy, password: given }));
      setErrors(saved.errors);
      if (saved.errors.length === 0) setForm({ ...chosen, ...proxy, password: "" });
    });
  const edit = (change: Partial<ProxyForm>): void => {
    const next = { ...form, ...change };
    setForm(next);
    setErrors((all) => all.filter(({ field }) => !Object.keys(change).some((name) => field === `proxy.${name}`)));
    if (change.mode !== undefined && change.mode !== "manual") save(next);
  };
  return (
    <form
      className={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save(form);
      }}
    >
      <ProxyFields
        form={form}
        edit={edit}
        modes={modes}
        error={error}
        stored={settings.known.includes(secretKey)}
        secrets={settings.secrets}
        isLocked={(field) => isLocked("proxy") || isLocked(`proxy.${field}`)}
      />
      {mode === "manual" && changed ? (
        <div>
          <Button kind="primary" type="submit">
            {say("save")}
          </Button>
        </div>
      ) : null}
    </form>
  );
}
