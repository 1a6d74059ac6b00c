/** Where a secret lives, said where it is typed. */
import type { SettingsView } from "../../../preload/contract.ts";
import { Icon } from "../../components/icon.tsx";
import { useLanguage } from "../../text/language.tsx";
import css from "./secret-home.module.css";

/** One line. */
export function SecretHome({ secrets }: { secrets: SettingsView["secrets"] | null }) {
  const { say } = useLanguage();
  if (secrets === null) return null;
  return (
    <p className={css["home"]} data-tone={secrets.kept === "keyring" ? "idle" : "warn"}>
      <Icon name="lock" size={13} />
      {secrets.kept === "keyring" ? say("secret.keyring", { backend: secrets.backend }) : say("secret.session")}
    </p>
  );
}
