/**
 * The page's entry: its colours and its frame, which are painted before the code of the window is read (mount.tsx). Decides nothing.
 */
import "./violations.ts";
import "./theme.css";
import "./shell.css";

/** A window that nobody sees draws no frame, ms. */
const patienceMs = 50;

const painted = new Promise<void>((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, patienceMs);
});
void painted.then(() => import("./mount.tsx"));
