/** A question that stops everything else: title, text, and at most one primary button. Escape is always the harmless answer. */
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { cx } from "../class-names.ts";
import css from "./dialog.module.css";

type Props = {
  title: string;
  role?: "alertdialog" | "dialog";
  onDismiss: () => void;
  actions: ReactNode;
  children: ReactNode;
};

/** A question is open: keys of the window must not act behind it. */
export function isDialogOpen(): boolean {
  return document.querySelector("[role=dialog],[role=alertdialog]") !== null;
}

/** Drawn while it is mounted. */
export function Dialog({ title, role = "alertdialog", onDismiss, actions, children }: Props) {
  return (
    <ModalOverlay
      className={cx(css["scrim"])}
      isOpen
      onOpenChange={(open) => {
        if (!open) onDismiss();
      }}
    >
      <Modal className={cx(css["modal"])}>
        <AriaDialog role={role} className={cx(css["dialog"])}>
          <Heading slot="title" className={css["title"] ?? ""}>
            {title}
          </Heading>
          <div className={css["text"]}>{children}</div>
          <div className={css["actions"]}>{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
