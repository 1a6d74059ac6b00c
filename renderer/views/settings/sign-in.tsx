/** How a stream signs in: a fixed secret, or a token that is fetched for every attempt. */
import { ask, bridge } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { Select, TextField } from "../../components/field.tsx";
import { credentialOf, hasSecret } from "../../endpoint-form.ts";
import { useAttempt } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./endpoint-fields.module.css";
import { type FieldsProps, useFieldErrors } from "./field-errors.ts";
import { SecretHome } from "./secret-home.tsx";

const secretLabels = {
  basic: "credential.password",
  bearer: "credential.token",
  header: "credential.value",
  refresh: "credential.refreshSecret",
} as const;

/** The section. */
export function SignIn(props: FieldsProps) {
  const { form, edit, errors, known, secrets, locked } = props;
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  const { credential } = form;
  const stored = known.includes(`${form.id}/credential`);
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.signIn")}</h2>
      <div className={css["signIn"]}>
        <Select
          label={say("form.credential")}
          value={credential.kind}
          onChange={(kind) => edit({ credential: credentialOf(kind, credential), secret: "" })}
          locked={locked}
          error={credential.kind === "none" ? error("credential") : undefined}
          choices={(["none", "bearer", "basic", "header", "refresh", "command"] as const).map((id) => ({
            id,
            text: say(`credential.${id}`),
          }))}
        />
        {credential.kind === "basic" ? (
          <TextField
            label={say("credential.username")}
            value={credential.username}
            onChange={(username) => edit({ credential: { kind: "basic", username } })}
            max={256}
            error={error("credential.username")}
            locked={locked}
          />
        ) : null}
        {credential.kind === "header" ? (
          <TextField
            label={say("credential.headerName")}
            value={credential.name}
            onChange={(name) => edit({ credential: { kind: "header", name } })}
            placeholder="X-Api-Key"
            max={256}
            mono
            error={error("credential.name")}
            locked={locked}
          />
        ) : null}
        {credential.kind === "refresh" ? (
          <Select
            label={say("credential.refreshMethod")}
            value={credential.method}
            onChange={(method) => edit({ credential: { ...credential, method } })}
            error={error("credential.method")}
            locked={locked}
            choices={[
              { id: "GET", text: "GET" },
              { id: "POST", text: "POST" },
            ]}
          />
        ) : null}
        {hasSecret(credential.kind) ? (
          <TextField
            label={say(secretLabels[credential.kind as keyof typeof secretLabels])}
            type="password"
            value={form.secret}
            onChange={(secret) => edit({ secret })}
            placeholder={stored ? say("secret.stored") : ""}
            max={16_384}
            mono
            error={error("credential") ?? error("credential.secret") ?? error("secrets.credential")}
            locked={locked}
          />
        ) : null}
      </div>
      {credential.kind === "refresh" ? (
        <TextField
          label={say("credential.refreshUrl")}
          hint={say("credential.refresh.hint")}
          value={credential.url}
          onChange={(url) => edit({ credential: { ...credential, url } })}
          placeholder="https://example.com/token"
          max={4096}
          mono
          inputMode="url"
          error={error("credential.url")}
          locked={locked}
        />
      ) : null}
      {credential.kind === "command" ? <TokenCommand {...props} argv={credential.argv} /> : null}
      {hasSecret(credential.kind) ? <SecretHome secrets={secrets} /> : null}
    </section>
  );
}

/** The command as it will be run. It is chosen in the system's own dialogs, so it cannot be typed here. */
function TokenCommand({ form, edit, errors, refuse, locked, argv }: FieldsProps & { argv: readonly string[] }) {
  const { say } = useLanguage();
  const error = useFieldErrors(errors)("credential.argv");
  const attempt = useAttempt();
  const choose = (): void =>
    attempt(async () => {
      const chosen = await ask(bridge().settings.chooseTokenCommand({ id: form.id, url: form.url }));
      if (chosen.argv !== null) edit({ credential: { kind: "command", argv: chosen.argv } });
      refuse(chosen.errors);
    });
  return (
    <>
      {argv.length === 0 ? (
        <p className={css["hint"]}>{say("command.none")}</p>
      ) : (
        <ol className={css["argv"]} aria-label={say("command.label")}>
          {argv.map((word, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same word may stand twice, and its place is what it is
            <li key={at}>{visibleLine(JSON.stringify(word))}</li>
          ))}
        </ol>
      )}
      {error === undefined ? null : (
        <p className={css["bad"]} role="alert">
          {error}
        </p>
      )}
      {locked ? null : (
        <div>
          <Button small onPress={choose}>
            {say("command.verb")}
          </Button>
        </div>
      )}
      <p className={css["hint"]}>{say("credential.command.hint")}</p>
    </>
  );
}
