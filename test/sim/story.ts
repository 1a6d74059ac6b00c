/** The last steps of a run as a person can read them, oldest first. */
import type { State } from "../../main/core/connection/connection-state.ts";
import type { Taken } from "./client.ts";

export function storyOf(steps: readonly Taken[], stream: string): string {
  return steps
    .filter(({ client }) => stream === "" || client.spec.name === stream)
    .toSorted((a, b) => a.now - b.now)
    .slice(-20)
    .map(lineOf)
    .join("\n");
}

function lineOf({ now, before, event, after, effects }: Taken): string {
  const done = effects.map((effect) => {
    if (effect.type === "setTimer") return `timer ${((effect.at - now) / 1000).toFixed(1)}`;
    return `${effect.type} ${"generation" in effect ? `#${effect.generation}` : ""}${"candidate" in effect ? ` to ${effect.candidate}` : ""}`;
  });
  return `${(now / 1000).toFixed(3).padStart(10)} ${phaseOf(before)} · ${eventOf(event)} → ${phaseOf(after)} ${done.join(", ")}`;
}

function eventOf(event: Taken["event"]): string {
  if (event.type === "events") return `events #${event.generation} ids ${event.events.map(({ id }) => id).join(" ")}`;
  const { type, ...rest } = event;
  return Object.keys(rest).length === 0 ? type : `${type} ${JSON.stringify(rest)}`;
}

function phaseOf({ link, probe, standings }: State): string {
  const asked = probe === null ? "" : ` ?#${probe.generation}→${probe.candidate}`;
  const books = standings
    .map((s) => `${s.failures}${s.parked ? "p" : ""}${s.out ? "x" : ""}${s.mute ? "m" : ""}`)
    .join("/");
  switch (link.phase) {
    case "open":
      return `open(#${link.generation}→${link.candidate} ${link.health}${asked}) [${books}]`;
    case "connecting":
      return `connecting(#${link.generation}→${link.candidate}${asked}) [${books}]`;
    case "waiting":
      return `waiting(→${link.candidate} ${link.delayMs} ms, ${link.rule}, ${link.failure.kind}) [${books}]`;
    case "halted":
      return `halted(${link.failure.kind})`;
    default:
      return link.phase;
  }
}
