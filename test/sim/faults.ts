/**
 * What goes wrong in the simulated world: one small object for each, which begins and ends and knows nothing of the others,
 * so that any of them combine. The numbers are the rows of the project's fault matrix; README.md says which rows are
 * tested elsewhere. P: proxies that hold back or cut; U: the user; K: the program is killed.
 */
import type { Fault } from "./fault.ts";
import { answerFaults } from "./faults-answers.ts";
import { bodyFaults } from "./faults-body.ts";
import { computerFaults } from "./faults-computer.ts";
import { dialFaults } from "./faults-dial.ts";
import { groupFaults } from "./faults-group.ts";
import { quietFaults } from "./faults-quiet.ts";

export const faults: readonly Fault[] = [
  ...dialFaults,
  ...answerFaults,
  ...bodyFaults,
  ...computerFaults,
  ...groupFaults,
];

export { quietFaults };

export function faultOf(id: string): Fault {
  const found = [...faults, ...quietFaults].find((fault) => fault.id === id);
  if (found === undefined) throw new Error(`no such fault: ${id}`);
  return found;
}
