/** The lines to change, for the product that was seen first, and for others that stand in such places. */
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { Finding, Fix } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { Chip } from "../../components/chip.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { LabelsHidden, Select } from "../../components/field.tsx";
import { Notice } from "../../components/notice.tsx";
import { findingFix, findingWhy, productName } from "../../text/diagnosis-words.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./fix.module.css";
import { useStart } from "./start.ts";

type Props = { finding: Finding; seen: ReadonlySet<string>; same: boolean };

/** The pane. `same`: it can be checked again, for what was diagnosed is still what is chosen. */
export function FixPane({ finding, seen, same }: Props) {
  const language = useLanguage();
  const { say } = language;
  const fixes = [finding.fix, ...finding.otherFixes.filter(({ product }) => product !== finding.fix.product)];
  const { first, others } = shelved(fixes, finding.fix.product, seen);
  const around = finding.fix.product !== "client" && fixes.some(({ product }) => product === "origin");
  return (
    <section className={css["pane"]} aria-labelledby="diagnose-fix">
      <header className={css["head"]}>
        <h2 id="diagnose-fix" className={css["title"]}>
          {findingFix(language, finding)}
        </h2>
        <p className={css["why"]}>{findingWhy(language, finding)}</p>
      </header>
      <Tabs className={cx(css["tabs"])}>
        <TabList className={cx(css["tabList"])} aria-label={say("diagnose.products")}>
          {first.map(({ product }) => (
            <Tab key={product} id={product} className={cx(css["tab"])}>
              {productName(language, product)}
              {seen.has(product) ? <Chip tone="info">{say("diagnose.seen")}</Chip> : null}
            </Tab>
          ))}
          {others.length === 0 ? null : (
            <Tab id={otherTab} className={cx(css["tab"])}>
              {say("diagnose.otherProducts")}
            </Tab>
          )}
        </TabList>
        {first.map((fix) => (
          <TabPanel key={fix.product} id={fix.product} className={cx(css["panel"])}>
            <Change fix={fix} around={around} same={same} />
          </TabPanel>
        ))}
        {others.length === 0 ? null : (
          <TabPanel id={otherTab} className={cx(css["panel"])}>
            <Others key={finding.code} fixes={others} around={around} same={same} />
          </TabPanel>
        )}
      </Tabs>
    </section>
  );
}

/** No product is called so. */
const otherTab = " other";

/** What was seen, what is meant and the origin have a tab each; several others share one. */
function shelved(fixes: readonly Fix[], meant: string, seen: ReadonlySet<string>) {
  const isFirst = ({ product }: Fix) => product === meant || product === "origin" || seen.has(product);
  const others = fixes.filter((fix) => !isFirst(fix));
  return others.length < 2 ? { first: fixes, others: [] } : { first: fixes.filter(isFirst), others };
}

type ChangeProps = { around: boolean; same: boolean };

/** The lines of one of the others, by its name. */
function Others({ fixes, ...rest }: ChangeProps & { fixes: readonly Fix[] }) {
  const language = useLanguage();
  const [chosen, choose] = useState(fixes[0]?.product ?? "");
  const fix = fixes.find(({ product }) => product === chosen) ?? fixes[0];
  if (fix === undefined) return null;
  return (
    <>
      <LabelsHidden value={true}>
        <Select
          label={language.say("diagnose.products")}
          value={fix.product}
          onChange={choose}
          choices={fixes.map(({ product }) => ({ id: product, text: productName(language, product) }))}
        />
      </LabelsHidden>
      <Change fix={fix} {...rest} />
    </>
  );
}

function Change({ fix, around, same }: ChangeProps & { fix: Fix }) {
  const { say } = useLanguage();
  return (
    <>
      <Lines fix={fix} />
      <div className={css["verbs"]}>
        <CopyButton text={fix.text} kind="primary" small={false}>
          {say("diagnose.copyLines")}
        </CopyButton>
        {same ? <CheckAgain /> : null}
      </div>
      {around && fix.product !== "origin" ? <WayAround product={fix.product} /> : null}
    </>
  );
}

/** For those who may not change what stands on the way: the server can often do something too. */
function WayAround({ product }: { product: string }) {
  const language = useLanguage();
  const names = { product: productName(language, product), origin: productName(language, "origin") };
  return <Notice tone="info">{language.say("diagnose.around", names)}</Notice>;
}

function CheckAgain() {
  const { say } = useLanguage();
  const start = useStart();
  return (
    <Button icon="retry" onPress={start}>
      {say("diagnose.checkAgain")}
    </Button>
  );
}

/** As they are written in the file, each in its own line however long it is; remarks step back. */
function Lines({ fix }: { fix: Fix }) {
  const { say } = useLanguage();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className={css["code"]} tabIndex={0} aria-label={say("diagnose.lines")}>
      <pre>
        {fix.text
          .trimEnd()
          .split("\n")
          .map((line, at) => {
            const [code, remark] = remarkOf(visibleLine(line.replaceAll("\t", "    ")));
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is its identity
              <span key={at} className={css["line"]}>
                {code}
                {remark === "" ? null : <span className={css["remark"]}>{remark}</span>}
                {"\n"}
              </span>
            );
          })}
      </pre>
    </section>
  );
}

/** A line, and the remark that is the whole of it or stands after two spaces or more. */
function remarkOf(line: string): [code: string, remark: string] {
  const at = line.search(/(?:^\s*|\s{2,})(?:#|\/\/) /);
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at)];
}
