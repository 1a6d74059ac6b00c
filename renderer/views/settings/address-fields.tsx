/**
 * Ways to the stream beside its own address: further addresses in their order, the usual paths of a bare one, and the
 * WebSocket for when none of them streams.
 */
import { Button } from "../../components/button.tsx";
import { Select, Switch, TextField } from "../../components/field.tsx";
import { type AddressForm, emptyAddress, headerPart } from "../../endpoint-form.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./address-fields.module.css";
import { type FieldsProps, useFieldErrors } from "./field-errors.ts";
import { HeaderRows } from "./header-fields.tsx";

const mostAddresses = 16;

/** Further addresses, and how one is chosen. */
export function AddressFields(props: FieldsProps) {
  const { form, edit, errors, locked } = props;
  const { group } = form;
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.group")}</h2>
      <p className={css["hint"]}>{say("form.group.hint")}</p>
      {group.length === 0 ? null : (
        <ol className={css["list"]}>
          {group.map((member, at) => (
            <AddressRow key={member.key} {...props} member={member} at={at} />
          ))}
        </ol>
      )}
      {error("group") === undefined ? null : (
        <p className={css["bad"]} role="alert">
          {error("group")}
        </p>
      )}
      {locked || group.length >= mostAddresses ? null : (
        <div>
          <Button small icon="plus" onPress={() => edit({ group: [...group, emptyAddress()] })}>
            {say("group.add")}
          </Button>
        </div>
      )}
      {group.length === 0 && !form.balance ? null : (
        <Switch
          label={say("form.balance")}
          hint={say("form.balance.hint")}
          on={form.balance}
          onChange={(balance) => edit({ balance })}
          error={error("balance")}
          locked={locked}
        />
      )}
      <Switch
        label={say("form.discover")}
        hint={say("form.discover.hint")}
        on={form.discover}
        onChange={(discover) => edit({ discover })}
        error={error("discover")}
        locked={locked}
      />
    </section>
  );
}

function AddressRow(props: FieldsProps & { member: AddressForm; at: number }) {
  const { form, edit, errors, locked, member, at } = props;
  const { group } = form;
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  // The stream's own address is the first.
  const number = at + 2;
  const change = (with_: Partial<AddressForm>): void =>
    edit({ group: group.map((each) => (each.key === member.key ? { ...each, ...with_ } : each)) });
  const move = (to: number): void => edit({ group: group.toSpliced(at, 1).toSpliced(to, 0, member) });
  return (
    <li className={css["address"]}>
      <div className={css["row"]}>
        <TextField
          label={say("group.url", { number })}
          value={member.url}
          onChange={(url) => change({ url })}
          placeholder="https://b.example.com/events"
          max={4096}
          mono
          inputMode="url"
          error={error(`group.${at}.url`) ?? error(`group.${at}`)}
          locked={locked}
        />
        {locked ? null : (
          <div className={css["verbs"]}>
            <Button
              kind="quiet"
              icon="up"
              label={say("group.up", { number })}
              isDisabled={at === 0}
              onPress={() => move(at - 1)}
            />
            <Button
              kind="quiet"
              icon="down"
              label={say("group.down", { number })}
              isDisabled={at === group.length - 1}
              onPress={() => move(at + 1)}
            />
            <Button
              kind="quiet"
              icon="close"
              label={say("group.remove", { number })}
              onPress={() => edit({ group: group.filter(({ key }) => key !== member.key) })}
            />
          </div>
        )}
      </div>
      <HeaderRows
        {...props}
        list={member.headers}
        change={(headers) => change({ headers })}
        path={`group.${at}.headers`}
        partOf={(name) => headerPart("group", member.url, name)}
        place={say("group.place", { number })}
      />
    </li>
  );
}

/** The WebSocket. */
export function SocketFields(props: FieldsProps) {
  const { form, edit, errors, locked } = props;
  const socket = form.websocket;
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  const change = (with_: Partial<typeof socket>): void => edit({ websocket: { ...socket, ...with_ } });
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.websocket")}</h2>
      <Switch
        label={say("form.websocket.on")}
        hint={say("form.websocket.hint")}
        on={socket.on}
        onChange={(on) => change({ on })}
        error={error("websocket")}
        locked={locked}
      />
      {socket.on ? (
        <>
          <TextField
            label={say("websocket.url")}
            value={socket.url}
            onChange={(url) => change({ url })}
            placeholder="wss://example.com/events"
            max={4096}
            mono
            inputMode="url"
            error={error("websocket.url")}
            locked={locked}
          />
          <div className={css["two"]}>
            <Select
              label={say("websocket.frames")}
              value={socket.frames}
              onChange={(frames) => change({ frames })}
              error={error("websocket.frames")}
              locked={locked}
              choices={(["auto", "raw", "json", "sse", "nchan"] as const).map((id) => ({
                id,
                text: say(`websocket.frames.${id}`),
              }))}
            />
            <TextField
              label={say("websocket.resumeQuery")}
              hint={say("websocket.resumeQuery.hint")}
              value={socket.resumeQuery}
              onChange={(resumeQuery) => change({ resumeQuery })}
              placeholder="last_event_id"
              max={64}
              mono
              error={error("websocket.resumeQuery")}
              locked={locked}
            />
          </div>
          <HeaderRows
            {...props}
            list={socket.headers}
            change={(headers) => change({ headers })}
            path="websocket.headers"
            partOf={(name) => headerPart("websocket", socket.url, name)}
            place={say("websocket.place")}
          />
        </>
      ) : null}
    </section>
  );
}
