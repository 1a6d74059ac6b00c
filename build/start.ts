/**
 * `npm start`: the app from the checkout, with its demo streams and the statistics page. Where there is no display it
 * brings a virtual one and has the app leave a picture. Everything it begins ends with it.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "./root.ts";
import { startApp } from "./setup/app-process.ts";
import { end, killGroup, type Running } from "./setup/children.ts";
import { prepare } from "./setup/prepare.ts";
import { say } from "./setup/progress.mjs";
import { openSession, type Session } from "./setup/session.ts";
import { untilStopped } from "./setup/until-stopped.ts";

/** The command; extra arguments go to the app. */
export async function run(args: readonly string[]): Promise<number> {
  const runtime = await prepare();
  let app: Running | undefined;
  let session: Session | undefined;
  const { stopped } = untilStopped(() => {
    if (app?.child.pid !== undefined) killGroup(app.child.pid);
  });
  try {
    session = await openSession({ bring: "missing" });
    app = startApp(runtime, ["--demo", "--stats", ...pictureArgs(session, args), ...args], session.env);
    return await Promise.race([app.exited, stopped.then(() => 0)]);
  } finally {
    if (app !== undefined) await end(app);
    await session?.end();
  }
}

/** Without a display nobody sees the window: a picture of it takes its place. */
function pictureArgs(session: Session, args: readonly string[]): string[] {
  if (session.display === "real" || args.some((argument) => argument.startsWith("--screenshot"))) return [];
  mkdirSync(cacheDir, { recursive: true });
  say("• no display here: the window is on a virtual one, and a picture of it follows. Ctrl-C ends it");
  return ["--screenshot", join(cacheDir, "screenshot.png")];
}
