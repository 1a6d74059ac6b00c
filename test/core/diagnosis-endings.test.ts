/** Rules about how a stream ends: what each claims of its facts, and one step beside each threshold. */
import { describe, expect, it } from "vitest";
import type { EndingSeen } from "../../main/core/detection/observation.ts";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import { claims } from "./diagnosis-claims.ts";
import {
  aHop,
  answered,
  aWatch,
  beats,
  cutAfter,
  ending,
  flowing,
  opened,
  silence,
  wellFacts,
} from "./diagnosis-facts.ts";

const flows = aWatch();
/** Nothing else was watched. */
const alone = { compressed: null, repeat: null, holds: [] };

describe("an end in the middle", () => {
  const watched = (watchedMs: number) => aWatch({ arrivals: { ...beats(7, 100), watchedMs } });
  const held = (openMs: number, how?: EndingSeen["how"]) => ({ ...alone, holds: [flowing(openMs, how)] });
  claims("cut", [
    ["is a cut", { plain: flowing(510) }, "0.9 origin ended-truncated open-for=510"],
    ["by a reset too", { plain: flowing(510, "reset") }, "0.9 origin ended-reset open-for=510"],
    ["is none, where it is well-formed", { plain: flowing(510, "clean") }, "none"],
    ["is none after a silence", { plain: cutAfter(3000) }, "none"],
    [
      "is on the path, where directly it stays",
      { plain: flowing(510), direct: flows },
      "0.9 proxy ended-truncated open-for=510 direct-stays=2300",
    ],
    [
      "is on the path, where directly it stays for somewhat longer",
      { plain: flowing(510), direct: watched(762) },
      "0.9 proxy ended-truncated open-for=510 direct-stays=762",
    ],
    [
      "is not known to be, where directly it was let go sooner",
      { plain: flowing(510), direct: watched(761) },
      "0.9 - ended-truncated open-for=510 direct-short=761",
    ],
    [
      "is the origin's, where directly it ends",
      { plain: flowing(510), direct: flowing(400) },
      "0.9 origin ended-truncated open-for=510 direct-ends=400",
    ],
    [
      "is the origin's, where directly there is none",
      { plain: flowing(510), direct: answered(404) },
      "0.9 origin ended-truncated open-for=510",
    ],
    ["is less sure, of one that was held", held(1900), "0.5 origin ended-truncated open-for=1900"],
    ["is a limit instead, of one that was held for longer", held(2000), "none"],
    [
      "is less sure, where the next one outlived it",
      {
        ...alone,
        holds: [flowing(4000), aWatch({ arrivals: { ...beats(40, 100), watchedMs: 4601 } })],
      },
      "0.5 origin ended-truncated open-for=4000",
    ],
    [
      "is that of the first, where both end",
      { plain: flowing(510), holds: [flowing(900)] },
      "0.9 origin ended-truncated open-for=510",
    ],
    ["is none, where none ends", {}, "none"],
    ["is none of an error", { plain: answered(404, {}, { ending: ending("truncated", 9, 9) }) }, "none"],
  ]);
  claims("ended", [
    ["is an end", { plain: flowing(510, "clean") }, "0.72 origin ended-clean open-for=510 events=5"],
    ["is none, where it is cut", { plain: flowing(510) }, "none"],
    [
      "is surer, where it ends so directly",
      { plain: flowing(510, "clean"), direct: flowing(510, "clean") },
      "0.92 origin ended-clean open-for=510 events=5 direct-ends=510",
    ],
    ["is none, where it is cut directly: see framing", { plain: flowing(510, "clean"), direct: flowing(510) }, "none"],
    ["is less sure, of one that was held", held(1900, "clean"), "0.5 origin ended-clean open-for=1900 events=19"],
    ["is a limit instead, of one that was held for longer", held(2000, "clean"), "none"],
    [
      "is meant, where the stream says so",
      { plain: { ...flowing(510, "clean"), saidDone: true } },
      "degraded 0.6 origin ended-clean said-done open-for=510 events=5",
    ],
    [
      "is not meant, where it goes on directly",
      { plain: { ...flowing(510, "clean"), saidDone: true }, direct: flows },
      "0.72 proxy ended-clean said-done open-for=510 events=5 direct-stays=2300",
    ],
    [
      "is no limit, where the stream says that it is through",
      {
        plain: { ...flowing(4000, "clean"), saidDone: true },
        compressed: flowing(4000, "clean"),
      },
      "degraded 0.6 origin ended-clean said-done open-for=4000 events=40",
    ],
    ["is none, of one held that fell silent", { holds: [cutAfter(3000, "clean")] }, "none"],
    [
      "is none, of one held that was an error",
      { holds: [answered(404, {}, { ending: ending("clean", 9, 9) })] },
      "none",
    ],
  ]);
});

describe("a limit of time", () => {
  const twice = (ms: number) => ({
    ...alone,
    plain: flowing(4000),
    compressed: flowing(ms),
  });
  const again = "0.92 origin ended-truncated open-for=4000 again=2";
  const open = (watchedMs: number) => aWatch({ arrivals: { ...beats(40, 100), watchedMs } });
  claims("max-duration", [
    ["twice, a little later", twice(4599), again],
    ["not later", twice(4600), "none"],
    ["twice, a little sooner", twice(3401), again],
    ["not sooner", twice(3400), "none"],
    [
      "twice, when asked again",
      { ...alone, plain: flowing(4000), repeat: { watch: flowing(4000), seenBefore: 0 } },
      again,
    ],
    ["not once", { ...alone, plain: flowing(4000), compressed: open(4000) }, "none"],
    [
      "of two seconds",
      { ...alone, plain: flowing(2000), compressed: flowing(2000) },
      "0.92 origin ended-truncated open-for=2000 again=2",
    ],
    ["not of less", { ...alone, plain: flowing(1999), compressed: flowing(1999) }, "none"],
    ["not where it ends directly", { ...twice(4000), direct: flowing(4000) }, "none"],
    [
      "where directly nobody looked for so long",
      { ...twice(4000), direct: flows },
      `${again.replace("origin", "-")} direct-short=2300`,
    ],
    [
      "where directly it goes on",
      { ...twice(4000), direct: open(4601) },
      `${again.replace("origin", "proxy")} direct-stays=4601`,
    ],
    ["worse, where nothing resumes", { ...twice(4000), resume: { outcome: "no-ids" } }, `broken ${again}`],
    ["of one that was held", { ...alone, holds: [flowing(4000)] }, "0.7 origin ended-truncated open-for=4000"],
    ["of one that was held twice", { ...alone, holds: [flowing(4000), flowing(4100)] }, again],
    ["not where the next outlived it", { ...alone, holds: [flowing(4000), open(4601)] }, "none"],
    [
      "where the next is as old",
      { ...alone, holds: [flowing(4000), open(4600)] },
      "0.7 origin ended-truncated open-for=4000",
    ],
    ["of a proxy that has one", twice(4000), "0.92 envoy ended-truncated open-for=4000 again=2", aHop("envoy")],
    ["not of one that has none", twice(4000), again, aHop("nginx")],
    ["not where none ends", {}, "none"],
  ]);

  it("is said in whole seconds", () => {
    const facts = { ...wellFacts, ...twice(4000), plain: flowing(4400), compressed: flowing(4400) };
    const [claim] = rules.filter(({ code }) => code === "max-duration").map(({ when }) => when({ facts, hops: [] }));
    expect(claim?.values).toEqual({ seconds: 4 });
  });
});

describe("framing", () => {
  const close = (connection: string, more: Partial<Watch> = {}) =>
    opened([["Connection", connection]], more, { framing: "close", httpVersion: "1.0" });
  const ends = { arrivals: beats(5, 100), ending: ending("clean", 510, 90) };
  const caddy = (header: string, value: string) => opened([[header, value]], ends);
  claims("framing", [
    ["that is none", { plain: close("close") }, "0.7 - framing-close=1.0"],
    ["that is none, and says otherwise", { plain: close("Keep-Alive") }, "0.7 - framing-close=1.0 false-keep-alive"],
    ["that is none, and ended", { plain: close("close", ends) }, "broken 0.93 - framing-close=1.0"],
    [
      "that is none, and ended where directly it breaks",
      { plain: close("close", ends), direct: flowing(510) },
      "broken 0.93 proxy framing-close=1.0 direct-truncated",
    ],
    ["that is none directly either", { plain: close("close"), direct: close("close") }, "0.7 origin framing-close=1.0"],
    [
      "that is none, while directly it breaks",
      { plain: close("close"), direct: flowing(510) },
      "0.7 proxy framing-close=1.0",
    ],
    [
      "of a good end that breaks directly",
      { plain: flowing(510, "clean"), direct: flowing(510) },
      "broken 0.96 proxy ended-clean direct-truncated",
    ],
    [
      "of the same by Caddy",
      { plain: flowing(510, "clean"), direct: flowing(510) },
      "broken 0.96 caddy ended-clean direct-truncated",
      aHop("caddy"),
    ],
    ["not of an end that is as good directly", { plain: flowing(510, "clean"), direct: flowing(510, "clean") }, "none"],
    ["not of a bad end", { plain: flowing(510), direct: flowing(510) }, "none"],
    [
      "of an end by an older Caddy",
      { plain: caddy("Server", "Caddy") },
      "broken 0.8 caddy ended-clean server=Caddy",
      aHop("caddy"),
    ],
    ["not by a newer one", { plain: caddy("Via", "1.1 Caddy") }, "none", aHop("caddy")],
    ["not by what is not called so", { plain: caddy("Server", "my caddy") }, "none", aHop("caddy")],
    ["not where Caddy is not seen", { plain: caddy("Server", "Caddy") }, "none"],
    ["not where it was compared", { plain: caddy("Server", "Caddy"), direct: flows }, "none", aHop("caddy")],
    ["not of an error", { plain: answered(404, { framing: "close" }) }, "none"],
    ["not of what stays open", {}, "none"],
  ]);
});

describe("a length", () => {
  const long = (more: Partial<Watch> = {}, status = 200) =>
    opened([["Content-Length", "99"]], more, { framing: "length", status });
  const quiet = { arrivals: silence(900) };
  claims("content-length", [
    ["of what flows", { plain: long() }, "degraded 0.95 origin length=99"],
    ["of what does not", { plain: long(quiet) }, "0.95 origin length=99"],
    ["that only the path declares", { plain: long(), direct: flows }, "degraded 0.95 proxy length=99 direct-no-length"],
    ["that has ended it", { plain: long({ ending: ending("clean", 510, 90) }) }, "0.95 origin length=99"],
    ["directly", { direct: long() }, "0.97 origin length=99 seen-directly"],
    ["not of another status", { plain: long({}, 201) }, "none"],
    ["not of another type", { plain: long({ isStream: false }) }, "none"],
    ["not of chunks", {}, "none"],
  ]);
});
