/** A JSON value to fold and unfold, in our own colours; what may be shown was decided in ../text/json-tree.ts. */
import { useMemo } from "react";
import { JsonView } from "react-json-view-lite";
import { cx } from "../class-names.ts";
import { openNodes } from "../text/json-tree.ts";
import { useLanguage } from "../text/language.tsx";
import css from "./json-tree.module.css";

/** The tree. */
export function JsonTree({ value }: { value: object }) {
  const { say } = useLanguage();
  const open = useMemo(() => openNodes(value), [value]);
  const style = useMemo(
    () => ({
      container: cx(css["container"]),
      basicChildStyle: cx(css["child"]),
      childFieldsContainer: cx(css["fields"]),
      label: cx(css["key"]),
      clickableLabel: cx(css["key"], css["clickable"]),
      nullValue: cx(css["literal"]),
      undefinedValue: cx(css["literal"]),
      numberValue: cx(css["number"]),
      stringValue: cx(css["string"]),
      booleanValue: cx(css["literal"]),
      otherValue: cx(css["number"]),
      punctuation: cx(css["punctuation"]),
      collapseIcon: cx(css["twist"], css["open"]),
      expandIcon: cx(css["twist"], css["closed"]),
      collapsedContent: cx(css["folded"]),
      stringifyStringValues: false,
      ariaLables: { collapseJson: say("json.collapse"), expandJson: say("json.expand") },
    }),
    [say],
  );
  return (
    <JsonView
      data={value}
      style={style}
      shouldExpandNode={(_level, node) => open.has(node)}
      clickToExpandNode
      aria-label={say("inspector.tree")}
    />
  );
}
