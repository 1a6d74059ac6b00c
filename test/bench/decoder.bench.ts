/** What our limits cost: the decoder against the bare parser it wraps, on the same bytes in the same run. */
import { createParser } from "eventsource-parser";
import { SseDecoder } from "../../main/io/sse/sse-decoder.ts";
import { machine, measure, report } from "./measure.ts";

const events = 200_000;
const text = Array.from(
  { length: events },
  (_, i) => `id: ${i}\nevent: order.paid\ndata: {"order":${i},"total":12.5}\n\n`,
);
const bytes = Buffer.from(text.join(""));
const chunk = 16_384;

function decoder(): number {
  let seen = 0;
  const nothing = () => {};
  const sink = {
    events: (events: readonly unknown[]) => {
      seen += events.length;
    },
    comment: nothing,
    retry: nothing,
    cursor: nothing,
    skipped: nothing,
    settled: nothing,
  };
  const sse = new SseDecoder("", sink);
  const startedAt = performance.now();
  for (let at = 0; at < bytes.length; at += chunk) sse.feed(bytes.subarray(at, at + chunk));
  return (seen / (performance.now() - startedAt)) * 1000;
}

function bare(): number {
  let seen = 0;
  const utf8 = new TextDecoder();
  const parser = createParser({ onEvent: () => void seen++ });
  const startedAt = performance.now();
  for (let at = 0; at < bytes.length; at += chunk) {
    parser.feed(utf8.decode(bytes.subarray(at, at + chunk), { stream: true }));
  }
  return (seen / (performance.now() - startedAt)) * 1000;
}

process.stdout.write(`${machine()}\n`);
const [ours, theirs] = [await measure(decoder, false), await measure(bare, false)];
report("decoder with limits", ours, "events/s");
report("eventsource-parser alone", theirs, "events/s");
process.stdout.write(`ratio: ${(ours.median / theirs.median).toFixed(2)}\n`);
