/** The form of an endpoint, in the order of thought: what, sign-in, headers, other ways, patience, keeping, telling. Errors stand under their field. */
import { Segmented, Select, Switch, TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { isLoopback } from "../../loopback.ts";
import { useSource, useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { AddressFields, SocketFields } from "./address-fields.tsx";
import css from "./endpoint-fields.module.css";
import { type FieldsProps, useFieldErrors } from "./field-errors.ts";
import { HeaderFields } from "./header-fields.tsx";
import { ProxyFields } from "./proxy-fields.tsx";
import { RetentionFields } from "./retention-fields.tsx";
import { SignIn } from "./sign-in.tsx";

/** Every field. */
export function EndpointFields(props: FieldsProps) {
  const { form, edit, locked } = props;
  const { say } = useLanguage();
  const error = useFieldErrors(props.errors);
  const app = useSource(useStore().settings);
  return (
    <div className={css["fields"]}>
      <section className={css["section"]}>
        <div className={css["what"]}>
          <TextField
            label={say("form.name")}
            value={form.name}
            onChange={(name) => edit({ name })}
            max={120}
            error={error("name")}
            locked={locked}
          />
          <Select
            label={say("form.method")}
            value={form.method}
            onChange={(method) => edit({ method })}
            error={error("method")}
            locked={locked}
            choices={[
              { id: "GET", text: "GET" },
              { id: "POST", text: "POST" },
            ]}
          />
        </div>
        <TextField
          label={say("form.url")}
          value={form.url}
          onChange={(url) => edit({ url })}
          placeholder="https://example.com/events"
          max={4096}
          mono
          inputMode="url"
          error={error("url")}
          locked={locked}
          hint={isPlain(form.url.trim()) ? <PlainHint /> : undefined}
        />
        {form.method === "POST" || form.body !== "" ? (
          <TextField
            label={say("form.body")}
            value={form.body}
            onChange={(body) => edit({ body })}
            rows={4}
            max={65_536}
            mono
            error={error("body")}
            locked={locked}
          />
        ) : null}
      </section>
      <SignIn {...props} />
      <HeaderFields {...props} />
      <AddressFields {...props} />
      <SocketFields {...props} />
      <Patience {...props} />
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("general.proxy")}</h2>
        <ProxyFields
          form={{ ...form.proxy, password: form.proxySecret }}
          edit={({ password, ...change }) =>
            edit({
              proxy: { ...form.proxy, ...change },
              ...(password === undefined ? {} : { proxySecret: password }),
            })
          }
          modes={["app", "system", "environment", "manual", "none"]}
          error={error}
          stored={props.known.includes(`${form.id}/proxy`)}
          secrets={props.secrets}
          isLocked={() => locked}
        />
      </section>
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("form.keeping")}</h2>
        <Segmented
          label={say("form.keep")}
          value={form.keep}
          onChange={(keep) => edit({ keep })}
          error={error("keep")}
          locked={locked}
          choices={[
            { id: "all", text: say("form.keep.all") },
            { id: "nothing", text: say("form.keep.nothing") },
          ]}
          hint={say(form.keep === "all" ? "form.keep.all.hint" : "form.keep.nothing.hint")}
        />
        {form.keep === "nothing" || app === null ? null : (
          <RetentionFields
            form={form.retention}
            edit={(bound, text) => edit({ retention: { ...form.retention, [bound]: text } })}
            otherwise={app.general.retention}
            hint="retention.asApp"
            error={error}
            isLocked={() => locked}
          />
        )}
      </section>
      <section className={css["section"]}>
        <h2 className={css["title"]}>{say("form.notify")}</h2>
        <Switch
          label={say("form.notify.on")}
          on={form.notifyOn}
          onChange={(notifyOn) => edit({ notifyOn })}
          locked={locked}
        />
        {form.notifyOn ? (
          <div className={css["two"]}>
            <TextField
              label={say("form.notify.types")}
              hint={say("form.notify.types.hint")}
              value={form.notifyTypes}
              onChange={(notifyTypes) => edit({ notifyTypes })}
              mono
              error={error("notify.types")}
              locked={locked}
            />
            <TextField
              label={say("form.notify.contains")}
              hint={say("form.notify.contains.hint")}
              value={form.notifyContains}
              onChange={(notifyContains) => edit({ notifyContains })}
              max={256}
              error={error("notify.contains")}
              locked={locked}
            />
          </div>
        ) : null}
      </section>
    </div>
  );
}

/** What travels to this address can be read on the way; to this computer itself it cannot. */
function isPlain(url: string): boolean {
  return /^http:/i.test(url) && !isLoopback(url);
}

function PlainHint() {
  const { say } = useLanguage();
  return (
    <span className={css["plain"]}>
      <Icon name="unlock" size={13} />
      {say("head.plain.why")}
    </span>
  );
}

function Patience({ form, edit, errors, locked }: FieldsProps) {
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  const unit = say("form.seconds");
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.patience")}</h2>
      <div className={css["four"]}>
        <TextField
          label={say("form.connectTimeout")}
          value={form.connectTimeout}
          onChange={(connectTimeout) => edit({ connectTimeout })}
          unit={unit}
          inputMode="decimal"
          error={error("connectTimeoutMs")}
          locked={locked}
        />
        <TextField
          label={say("form.headersTimeout")}
          value={form.headersTimeout}
          onChange={(headersTimeout) => edit({ headersTimeout })}
          unit={unit}
          inputMode="decimal"
          error={error("headersTimeoutMs")}
          locked={locked}
        />
        <TextField
          label={say("form.idleTimeout")}
          value={form.idleTimeout}
          onChange={(idleTimeout) => edit({ idleTimeout })}
          placeholder={say("form.idleTimeout.learned")}
          unit={unit}
          inputMode="decimal"
          error={error("idleTimeoutMs")}
          locked={locked}
        />
        <TextField
          label="Last-Event-ID"
          value={form.lastEventId}
          onChange={(lastEventId) => edit({ lastEventId })}
          placeholder={say("form.lastEventId.now")}
          max={1024}
          mono
          error={error("lastEventId")}
          locked={locked}
        />
      </div>
      <p className={css["hint"]}>{say("form.patience.hint")}</p>
    </section>
  );
}
