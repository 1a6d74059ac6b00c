/**
 * A program: `http-proxy-server.ts PORT TARGET [flush] [ends]`, node http-proxy on loopback as people use it.
 * `flush`: the header goes out when the origin's has come (http-proxy leaves it to the first byte of the body).
 * `ends`: a stream that broke at the origin breaks here too (http-proxy leaves the client waiting for ever).
 */
import { createServer, ServerResponse } from "node:http";
import httpProxy from "http-proxy";

const [port = "0", target = "", ...care] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({ target });

proxy.on("error", (error, _request, response) => {
  if (!(response instanceof ServerResponse) || response.headersSent) return;
  response.writeHead(502, { "content-type": "text/plain" });
  response.end(`proxy error: ${(error as NodeJS.ErrnoException).code ?? error.message}\n`);
});

proxy.on("proxyRes", (answer, _request, response) => {
  // http-proxy copies status and headers after this event.
  if (care.includes("flush")) setImmediate(() => response.flushHeaders());
  if (!care.includes("ends")) return;
  answer.on("close", () => {
    if (!answer.complete) response.destroy();
  });
});

createServer((request, response) => proxy.web(request, response)).listen(Number(port), "127.0.0.1");
