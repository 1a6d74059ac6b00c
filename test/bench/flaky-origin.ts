/**
 * The origin that flaky-day-cost.ts measures against, in a process of its own, so that its work is not counted as the
 * client's. `/refused` is a proxy's 503, `/short` a stream that ends after one event, `/long` one with an event every five milliseconds.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const longEvents = 200;
const block = 'id: 17\nevent: order.paid\ndata: {"order":17,"total":12.5}\n\n';

const server = createServer((request, response) => {
  if (request.url === "/refused") {
    response.writeHead(503, { "Content-Type": "text/plain", "Retry-After": "120" }).end("back in two minutes\n");
    return;
  }
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  if (request.url === "/short") {
    response.end(block);
    return;
  }
  let left = longEvents;
  const timer = setInterval(() => {
    if (left-- > 0) response.write(block);
    else response.end();
  }, 5);
  response.on("close", () => clearInterval(timer));
});

if (process.send !== undefined) {
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("disconnect", () => process.exit(0));
}
