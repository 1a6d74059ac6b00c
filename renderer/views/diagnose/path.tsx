/**
 * You → forward proxy → what stands on the way → origin, with what was checked under each. Only what the first cause names is red.
 * Which check belongs where, and what is broken, is decided in ../../diagnosis-path.ts.
 */
import type { CSSProperties } from "react";
import type { DiagnosisView, HopView, StageView } from "../../../preload/contract.ts";
import { Chip } from "../../components/chip.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { StageSign } from "../../components/stage-sign.tsx";
import { type GroupId, type PathGroup, type PathNode, pathOf } from "../../diagnosis-path.ts";
import {
  evidenceSentence,
  hopName,
  measured,
  stageFigure,
  stageName,
  stageSentence,
} from "../../text/diagnosis-words.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import css from "./path.module.css";

const icons: Readonly<Record<GroupId, IconName>> = {
  you: "computer",
  forward: "shield",
  way: "edge",
  origin: "server",
};

/** The stages of what stands on the way are the most, and stand in so many columns. */
const columns = 2;

/** The path. */
export function Path({ view }: { view: DiagnosisView }) {
  const { say } = useLanguage();
  const groups = pathOf(view);
  return (
    <section className={css["path"]} aria-labelledby="diagnose-path">
      <h2 id="diagnose-path" className="unseen">
        {say("diagnose.path")}
      </h2>
      <ol className={css["groups"]} data-groups={groups.length}>
        {groups.map((group) => (
          <Group key={group.id} group={group} view={view} />
        ))}
      </ol>
    </section>
  );
}

function Group({ group, view }: { group: PathGroup; view: DiagnosisView }) {
  const broken = group.nodes.some((node) => node.broken === "broken");
  const hasLatency = group.id === "way" && !view.running;
  const told = group.stages.length + (hasLatency ? 1 : 0);
  return (
    <li className={css["group"]} data-group={group.id} data-after={group.after}>
      <ul className={css["nodes"]}>
        {group.nodes.map((node) => (
          <Node key={node.key} id={group.id} node={node} view={view} />
        ))}
      </ul>
      <ul className={css["stages"]} style={{ "--rows": Math.ceil(told / columns) } as CSSProperties}>
        {group.stages.map((stage) => (
          <Stage key={stage.stage} stage={stage} all={view.stages} broken={broken} />
        ))}
        {hasLatency ? <Latency view={view} /> : null}
      </ul>
    </li>
  );
}

function Node({ id, node, view }: { id: GroupId; node: PathNode; view: DiagnosisView }) {
  const language = useLanguage();
  const { say } = language;
  const { hop, broken } = node;
  const unknown = id === "way" && hop === null;
  const about = aboutNode(language, id, hop, view.running);
  const tone = broken === "broken" ? "bad" : broken === "degraded" ? "warn" : "idle";
  return (
    <li className={css["node"]} data-tone={tone} data-broken={broken ?? "no"} data-unknown={unknown}>
      <span className={css["disc"]}>
        <Icon name={icons[id]} />
      </span>
      <div className={css["who"]}>
        <h3 className={css["name"]}>
          {say(`diagnose.node.${id}`)}
          {hop === null ? null : (
            <>
              {" "}
              <Chip tone={tone}>{hopName(language, hop)}</Chip>
            </>
          )}
        </h3>
        <p className={css["about"]} title={about}>
          {about}
        </p>
      </div>
    </li>
  );
}

/** What is known of a place; where nothing is, that is said. */
function aboutNode(language: Language, id: GroupId, hop: HopView | null, running: boolean): string {
  const { say, format } = language;
  if (hop !== null) {
    const sure = say("diagnose.sure", { share: format.percent(hop.confidence * 100) });
    return [sure, ...hop.evidence.map((each) => evidenceSentence(language, each))].join(say("separator"));
  }
  if (id === "forward") return say("diagnose.forward.unknown");
  if (id === "way") return say(running ? "diagnose.way.looking" : "diagnose.way.unknown");
  return say(id === "you" ? "diagnose.you" : "diagnose.origin");
}

/** What the proxies add, and by what measure it is known; without one it was skipped, like the checks that nobody made. */
function Latency({ view }: { view: DiagnosisView }) {
  const language = useLanguage();
  const { say } = language;
  const { proxyLatency } = view;
  const state = proxyLatency === null ? "skipped" : "ok";
  return (
    <li className={css["stage"]} data-stage="latency" data-state={state}>
      <StageSign state={state} />
      <span>
        {say("diagnose.latency")}
        <span className={css["sentence"]}>{say(`diagnose.latency.${proxyLatency?.by ?? "unknown"}`)}</span>
      </span>
      <span className={css["figure"]}>{proxyLatency === null ? "" : measured(language, proxyLatency.ms)}</span>
    </li>
  );
}

/** Good ones in a word and a figure; their sentences are below, among what is ruled out. */
function Stage({ stage, all, broken }: { stage: StageView; all: readonly StageView[]; broken: boolean }) {
  const language = useLanguage();
  const { state } = stage;
  const sentence = stageSentence(language, stage, all);
  const figure = stageFigure(language, stage);
  const bad = state === "failed" || state === "warning";
  // A failure away from the broken place only follows from it.
  const follows = state === "failed" && !broken;
  return (
    <li className={css["stage"]} data-stage={stage.stage} data-state={state} title={sentence ?? ""}>
      <StageSign state={state} {...(follows ? { tone: "warn" as const } : {})} />
      <span>
        {stageName(language, stage.stage)}
        <span className="unseen">{`: ${language.say(`stage-state.${state}`)}`}</span>
        {bad && sentence !== null && sentence !== figure ? <span className={css["sentence"]}>{sentence}</span> : null}
      </span>
      <span className={css["figure"]}>{figure}</span>
    </li>
  );
}
