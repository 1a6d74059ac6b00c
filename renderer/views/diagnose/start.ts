/** Begins a diagnosis from the window: of what the form says, or of a stream that someone wants explained. */
import type { FieldError } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { startOf, useDiagnoseForm } from "../../diagnose-form.ts";
import { useNavigation } from "../../navigation.tsx";
import { useAttempt } from "../../store.ts";

/** Runs what the form says; what is refused stands under its field. */
export function useStart(): () => void {
  const [form, edit] = useDiagnoseForm();
  const { stream } = useNavigation();
  const attempt = useAttempt();
  return () => {
    const { asked, errors } = startOf(form, stream);
    edit({ errors });
    if (errors.length > 0) return;
    attempt(async () => refuse(edit, (await ask(bridge().diagnosis.start(asked))).errors));
  };
}

/** Goes to Diagnose and asks at once why this stream does what it does. */
export function useFindOut(): (stream: string) => void {
  const [, edit] = useDiagnoseForm();
  const { showDiagnose } = useNavigation();
  const attempt = useAttempt();
  return (stream) => {
    showDiagnose(stream);
    const asked = { stream, url: null, compare: null, measureIdle: false };
    attempt(async () => refuse(edit, (await ask(bridge().diagnosis.start(asked))).errors));
  };
}

function refuse(edit: (change: { errors: readonly FieldError[] }) => void, errors: readonly FieldError[]): void {
  if (errors.length > 0) edit({ errors });
}
