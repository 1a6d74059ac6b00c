/** How requests leave this computer: the fields that the app's choice and a stream's have in common. */
import type { SettingsView, StreamProxy } from "../../../preload/contract.ts";
import { Select, TextField } from "../../components/field.tsx";
import { useLanguage } from "../../text/language.tsx";
import css from "./endpoint-fields.module.css";
import { SecretHome } from "./secret-home.tsx";

/** `password`: typed just now; empty keeps what is stored. */
export type ProxyForm = StreamProxy & { readonly password: string };

type Props = {
  form: ProxyForm;
  edit: (change: Partial<ProxyForm>) => void;
  modes: readonly StreamProxy["mode"][];
  error: (field: string) => string | undefined;
  /** A password is stored. */
  stored: boolean;
  secrets: SettingsView["secrets"] | null;
  /** @param field below "proxy." */
  isLocked: (field: keyof ProxyForm) => boolean;
};

/** The choice, and the proxy itself where it is the user's own. */
export function ProxyFields({ form, edit, modes, error, stored, secrets, isLocked }: Props) {
  const { say } = useLanguage();
  return (
    <>
      <Select
        label={say("proxy.mode")}
        value={form.mode}
        onChange={(mode) => edit({ mode })}
        choices={modes.map((id) => ({ id, text: say(`proxy.${id}`) }))}
        hint={say(`proxy.${form.mode}.hint`)}
        error={error("proxy.mode") ?? error("proxy")}
        locked={isLocked("mode")}
      />
      {form.mode === "manual" ? (
        <>
          <TextField
            label={say("proxy.url")}
            value={form.url}
            onChange={(url) => edit({ url })}
            placeholder="http://proxy.example:3128"
            max={2048}
            mono
            inputMode="url"
            hint={say("proxy.url.hint")}
            error={error("proxy.url")}
            locked={isLocked("url")}
          />
          <div className={css["two"]}>
            <TextField
              label={say("proxy.username")}
              value={form.username}
              onChange={(username) => edit({ username })}
              max={256}
              error={error("proxy.username")}
              locked={isLocked("username")}
            />
            {form.username === "" ? null : (
              <TextField
                label={say("credential.password")}
                type="password"
                value={form.password}
                onChange={(password) => edit({ password })}
                placeholder={stored ? say("secret.stored") : ""}
                max={1024}
                mono
                error={error("proxy.password") ?? error("secrets.proxy")}
                locked={isLocked("password")}
              />
            )}
          </div>
          {form.username === "" ? null : <SecretHome secrets={secrets} />}
        </>
      ) : null}
    </>
  );
}
