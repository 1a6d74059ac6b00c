/** Before the first diagnosis: what it does, what it asks of others, and what it never does. */
import { Icon, type IconName } from "../../components/icon.tsx";
import { useLanguage } from "../../text/language.tsx";
import css from "./empty.module.css";

const facts: readonly { id: "looks" | "asks" | "names"; icon: IconName }[] = [
  { id: "looks", icon: "diagnose" },
  { id: "asks", icon: "shield" },
  { id: "names", icon: "edge" },
];

/** The whole body. */
export function Empty() {
  const { say } = useLanguage();
  return (
    <section className={css["empty"]}>
      <h2 className={css["title"]}>{say("diagnose.empty")}</h2>
      <ul className={css["facts"]}>
        {facts.map(({ id, icon }) => (
          <li key={id} className={css["fact"]}>
            <Icon name={icon} />
            <div>
              <h3 className={css["name"]}>{say(`diagnose.empty.${id}`)}</h3>
              <p className={css["text"]}>{say(`diagnose.empty.${id}.text`)}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
