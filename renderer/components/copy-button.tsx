/** Copies a text as it is, not as it is shown: escapes on the screen are for the eye. Says for a moment that it was done. */
import { type ReactNode, useEffect, useState } from "react";
import { useAttempt } from "../store.ts";
import { useLanguage } from "../text/language.tsx";
import { Button, type ButtonKind } from "./button.tsx";

const saidMs = 1500;

type Props = { text: string; label?: string; kind?: ButtonKind; small?: boolean; children?: ReactNode };

/** With words, or with only a sign and a `label`. */
export function CopyButton({ text, label, kind = "quiet", small = true, children }: Props) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), saidMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const shown = copied ? say("inspector.copied") : label;
  return (
    <>
      <Button
        kind={kind}
        small={small}
        icon={copied ? "check" : "copy"}
        {...(children === undefined && shown !== undefined ? { label: shown } : {})}
        onPress={() => attempt(() => navigator.clipboard.writeText(text).then(() => setCopied(true)))}
      >
        {children}
      </Button>
      <span className="unseen" role="status">
        {copied ? say("inspector.copied") : ""}
      </span>
    </>
  );
}
