/** The rule about batches of a sender that waits for acknowledgements: what it claims, and one step beside each threshold. */
import { describe } from "vitest";
import type { Watch } from "../../main/core/diagnosis/facts.ts";
import { claims } from "./diagnosis-claims.ts";
import { aHop, answered, aWatch, beats, opened } from "./diagnosis-facts.ts";

const gulps = (
  count: number,
  everyMs: number,
  events: number,
  bytes: number,
  lagMs: number | null,
  headersMs = 5,
): Watch => opened([], { arrivals: beats(count, everyMs, { events, bytes, lagMs }) }, { headersMs });

describe("batching", () => {
  const direct = (count: number, events: number) => aWatch({ arrivals: beats(count, 100, { events, lagMs: null }) });
  const mixed = beats(6, 200, { lagMs: 60 });
  /** With headers that wait for an acknowledgement as well. */
  const held = (plain: Watch, path: readonly number[] = [121, 121, 121]) => ({
    plain,
    headersMs: { path, direct: [] },
  });
  const claim = (seen: string) => `0.93 origin ${seen} header-late=5`;
  const shownBy = (code: string, sure = 0.5) => ({ ...aHop("haproxy", sure), evidence: [{ code, params: {} }] });
  const half = { ...mixed, bursts: mixed.bursts.map((burst, i) => ({ ...burst, events: 1 + (i % 2) })) };
  claims("batching", [
    ["five of them each 200 ms", held(gulps(5, 200, 2, 120, 100)), claim("bursts=120=2=200 lag=100")],
    ["not four", held(gulps(4, 200, 2, 120, 100)), "none"],
    ["every second of two events", held(aWatch({ arrivals: half })), claim("bursts=60=1.5=200 lag=60")],
    ["not of one event each", held(gulps(5, 200, 1, 120, 100)), "none"],
    ["each 150 ms", held(gulps(5, 150, 2, 120, 100)), claim("bursts=120=2=150 lag=100")],
    ["not sooner", held(gulps(5, 149, 2, 120, 100)), "none"],
    ["each 320 ms", held(gulps(5, 320, 2, 120, 100)), claim("bursts=120=2=320 lag=100")],
    ["not later", held(gulps(5, 321, 2, 120, 100)), "none"],
    ["of events 50 ms old", held(gulps(5, 200, 2, 120, 50)), claim("bursts=120=2=200 lag=50")],
    ["not of fresh ones", held(gulps(5, 200, 2, 120, 49)), "none"],
    ["not of old ones", held(gulps(5, 200, 2, 120, 701)), "none"],
    ["of events 700 ms old", held(gulps(5, 200, 2, 120, 700)), claim("bursts=120=2=200 lag=700")],
    ["not with headers that are sooner", held(gulps(5, 200, 2, 120, 100), [120, 120, 120]), "none"],
    ["not with one header as late among others", held(gulps(5, 200, 2, 120, 100), [5, 121, 5]), "none"],
    [
      "with a header as late, where there was no other",
      held(gulps(5, 200, 2, 120, 100, 121), []),
      "0.93 origin bursts=120=2=200 lag=100 header-late=121",
    ],
    ["not with a header that is not", held(gulps(5, 200, 2, 120, 100, 120), []), "none"],
    [
      "by HAProxy, which shows itself",
      { plain: gulps(5, 200, 2, 120, 100) },
      "0.85 haproxy bursts=120=2=200 lag=100 product=haproxy=0.5",
      shownBy("server"),
    ],
    [
      "not by one that is known by its batches alone",
      { plain: gulps(5, 200, 2, 120, 100) },
      "none",
      shownBy("batches"),
    ],
    ["not by one that is only a hint", { plain: gulps(5, 200, 2, 120, 100) }, "none", shownBy("server", 0.49)],
    ["not without stamps", { plain: gulps(5, 200, 2, 120, null) }, "none"],
    [
      "without stamps, where they come alone directly",
      { plain: gulps(5, 200, 2, 120, null), direct: direct(4, 1) },
      "0.93 origin bursts=120=2=200 direct-even",
    ],
    ["not where three came directly", { plain: gulps(5, 200, 2, 120, null), direct: direct(3, 1) }, "none"],
    ["not where as many come directly", { plain: gulps(5, 200, 4, 120, null), direct: direct(4, 3) }, "none"],
    ["not of an error", { plain: answered(404) }, "none"],
  ]);
});
