/** The rule about a stream whose beginning comes through and whose rest does not. */
import { buffererAmong, pagers } from "./held-back.ts";
import { read } from "./reading.ts";
import { hopSaid, type Rule, said, those } from "./rule.ts";
import { keptBehindFirst } from "./stopped.ts";

const keptRest: Rule = {
  code: "buffering",
  severity: "broken",
  when: ({ facts, hops }) => {
    if (!keptBehindFirst(facts)) return null;
    const mine = read(facts.plain);
    // What nginx keeps, it keeps with the headers: where these are prompt, somebody else does.
    const hop = buffererAmong(hops);
    const keeper = hop === null || pagers.includes(hop.product) ? null : hop;
    return {
      confidence: 0.9,
      evidence: those(
        said("nothing-after", { bytes: facts.plain?.bodyBytes ?? 0, ms: mine.silentMs }),
        said("direct-events", { events: read(facts.direct).events }),
        hopSaid(keeper),
      ),
      product: keeper?.product ?? "proxy",
    };
  },
};

export const keptRules: readonly Rule[] = [keptRest];
