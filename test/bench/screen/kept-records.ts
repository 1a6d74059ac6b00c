/** What the kept records of the bench are: the same million every time, with words and phrases that are looked for by known frequency. */
import type { ReceivedEvent } from "../../../main/core/events/record.ts";

export const keptStream = "kept";
/** Between two records, ms: a million of them are thirty days. */
export const everyMs = 2592;

export const types = [
  "order.created",
  "order.paid",
  "order.shipped",
  "order.cancelled",
  "stock.low",
  "price.changed",
  "user.login",
  "message",
];
export const cities = ["Hamburg", "Lyon", "Osaka", "Porto", "Leeds", "Graz", "Turku"];
const phrases = [
  "订单已发货，预计明天送达",
  "支付失败，请稍后重试",
  "库存不足，等待补货",
  "仓库正在分拣包裹",
  "客户申请退款，审核中",
  "快递员已经揽收",
  "地址有误，需要确认",
  "签收成功，感谢惠顾",
  "优惠券将于周五过期",
  "发票已开具，可下载",
];
/** Two characters each, of one phrase alone. */
export const pairs = ["发货", "失败", "库存", "分拣", "退款", "揽收", "地址", "签收", "优惠", "发票"];

/** Made-up words, none of which begins another: `word(7)` is in one record of every two thousand. */
export function word(k: number): string {
  const letters = (k % 2000)
    .toString(26)
    .padStart(3, "0")
    .replace(/[0-9a-p]/g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)));
  return `zu${letters}x`;
}

/** Record number `n`; the first is the oldest. */
export function keptRecord(n: number, firstAt: number): ReceivedEvent {
  const type = types[(n * 7) % types.length] ?? "message";
  const at = firstAt + n * everyMs;
  const city = cities[(n * 5) % cities.length];
  const phrase = phrases[(n * 3) % phrases.length];
  // A step that shares nothing with 2000 deals the words out over all of it.
  const data = `{"n":${n},"order":${100_000 + (n % 50_000)},"total":${(n % 997) / 10},"city":"${city}","note":"${word(n * 1237)} ${phrase}"}`;
  const id = String(n);
  return {
    stream: keptStream,
    endpoint: "http://127.0.0.1:9/stream",
    transport: "sse",
    generation: 1,
    id,
    lastEventId: id,
    type,
    data,
    bytes: Buffer.byteLength(data) + type.length + id.length,
    receivedAt: at,
    mono: n * everyMs,
    flags: [],
  };
}
