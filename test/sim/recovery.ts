/**
 * I7: after the faults have ended, each stream is live again within its current backoff and five seconds. What was dead
 * without a word is found by the machine's own deadlines first; from then on nothing may fail any more.
 */
import type { App } from "./app.ts";
import type { Bounds } from "./bounds.ts";
import { Broken } from "./broken.ts";
import type { Client, Taken } from "./client.ts";
import type { Timeline } from "./timeline.ts";

const graceMs = 5000;

type Course = { live: boolean; failures: number; dueAt: number };

export class Recovery {
  readonly #bounds: Bounds;
  readonly #courses = new Map<Client, Course>();

  constructor(app: App, bounds: Bounds) {
    this.#bounds = bounds;
    for (const client of app.clients) {
      const { link } = client.state;
      const wait = link.phase === "waiting" ? link.until : null;
      this.#courses.set(client, {
        live: isLive(client),
        failures: 0,
        dueAt: (wait ?? app.mono() + bounds.findsOutMs(client)) + graceMs,
      });
    }
  }

  taken({ client, before, after, now }: Taken): void {
    const course = this.#courses.get(client);
    if (course === undefined || course.live) return;
    course.live = isLive(client);
    if (after.link.phase === "connecting" && before.link.phase !== "connecting") course.dueAt = now + graceMs;
    if (after.link.phase !== "waiting" || before.link === after.link) return;
    // No later than the world finds right, whatever the machine says.
    const longestMs = this.#bounds.longestWaitMs(client, after, now) ?? Number.POSITIVE_INFINITY;
    course.dueAt = Math.min(after.link.until, now + longestMs) + graceMs;
    if (before.link.phase === "connecting" || before.link.phase === "open") course.failures++;
    // One for what was there before the faults ended, and one for the address that was next when they did.
    if (course.failures > 2) throw new Broken("fails although nothing is wrong any more", client.spec.name);
  }

  waitFor(app: App, timeline: Timeline): void {
    for (let open = this.#missing(); open.length > 0; open = this.#missing()) {
      for (const [client] of open) {
        const { link } = client.state;
        // A request that must not be repeated by itself is the user's to repeat.
        if (link.phase === "halted" && link.failure.kind === "not-repeatable") client.dispatch({ type: "retryNow" });
      }
      const dueAt = Math.max(...open.map(([, course]) => course.dueAt));
      const late = open.find(([, course]) => course.dueAt <= app.mono());
      if (late !== undefined)
        throw new Broken(
          "is live again within its backoff and five seconds",
          late[0].spec.name,
          late[0].state.link.phase,
        );
      timeline.runUntil(timeline.now + Math.max(1, Math.min(dueAt - app.mono(), 1000)));
    }
  }

  #missing(): [Client, Course][] {
    // Where nothing is said, no step tells of it.
    for (const [client, course] of this.#courses) course.live ||= isLive(client);
    return [...this.#courses].filter(([, { live }]) => !live);
  }
}

/** Open, and the server thinks so too. */
function isLive(client: Client): boolean {
  const { link } = client.state;
  return link.phase === "open" && client.live.get(link.generation)?.line?.works === true;
}
