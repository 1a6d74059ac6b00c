/** Says once what closing the window does, and lets the user choose. */
import { useEffect, useState } from "react";
import { ask, bridge } from "../bridge.ts";
import { Button } from "../components/button.tsx";
import { Dialog } from "../components/dialog.tsx";
import { useDrafts } from "../drafts.ts";
import { useAttempt } from "../store.ts";
import { useLanguage } from "../text/language.tsx";

type Answer = "keep" | "quit" | "cancel";

/** Appears when main asks. */
export function ClosingDialog() {
  const { say } = useLanguage();
  const [asked, setAsked] = useState<{ tray: boolean } | null>(null);
  const [drafts] = useDrafts();
  const attempt = useAttempt();
  useEffect(() => bridge().app.closing(setAsked), []);
  if (asked === null) return null;
  const answer = (choice: Answer): void => {
    setAsked(null);
    attempt(() => ask(bridge().app.answerClosing(choice)));
  };
  return (
    <Dialog
      title={say("closing.title")}
      onDismiss={() => answer("cancel")}
      actions={
        <>
          <Button kind="quiet" onPress={() => answer("quit")}>
            {say("closing.quit")}
          </Button>
          <Button kind="primary" autoFocus onPress={() => answer("keep")}>
            {say("closing.keep")}
          </Button>
        </>
      }
    >
      <p>{say(asked.tray ? "closing.tray" : "closing.noTray")}</p>
      <p>{say("closing.quitting")}</p>
      {drafts.size > 0 ? <p>{say("closing.unsaved", { count: drafts.size })}</p> : null}
    </Dialog>
  );
}
