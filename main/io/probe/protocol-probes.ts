/** Whether the same place also speaks HTTP/2 and WebSocket: for information, since nothing is wrong where it does not. */
import { randomBytes } from "node:crypto";
import type { Facts } from "../../core/diagnosis/facts.ts";
import type { Asked } from "./ask.ts";
import { dial } from "./dial.ts";
import { askHttp2 } from "./http2-probe.ts";
import type { Meter } from "./meter.ts";
import type { Headers, Place } from "./place.ts";

/** @returns null: no way led there. @throws Stopped */
export async function probeHttp2(
  { url, route, headers }: Place,
  meter: Meter,
  userAgent: string,
  limitMs: number,
): Promise<Facts["http2"]> {
  const { socket, alpn } = await dial(url, route, meter, () => {}, ["h2", "http/1.1"]);
  if (alpn !== "h2") {
    socket?.destroy();
    return { offered: false, streams: null, headersMs: null };
  }
  if (socket === null) return null;
  meter.spend();
  const sent: Headers = [["accept", "text/event-stream"], ["user-agent", userAgent], ...headers];
  return await askHttp2(socket, url, sent, limitMs, meter.signal);
}

/** @param know hears of the status, and of an answer that was another one than the next */
export async function probeWebSocket(
  ask: (more: Headers) => Promise<Asked | null>,
  know: (status: number | null, stray: Asked | null) => void,
): Promise<void> {
  const more: Headers = [
    ["Connection", "Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", randomBytes(16).toString("base64")],
  ];
  const asked = await ask(more);
  if (asked === null) return;
  const status = asked.answer?.status ?? null;
  know(status, null);
  // Many proxies fail at an upgrade, and always do: the same question answered in two ways is the path's doing.
  if (status === null || status < 500) return;
  const again = (await ask(more))?.answer?.status ?? null;
  if (again !== null && again < 500) know(again, asked);
}
