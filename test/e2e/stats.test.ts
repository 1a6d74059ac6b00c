/** The statistics page of the real app: who is answered, and what happens when somebody else has the port. */
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { freePort } from "../fakes/free-port.ts";
import { launch, say } from "./app.ts";

type Reply = { status: number; body: string; headers: Record<string, unknown> };

function ask(port: number, path: string, headers: Record<string, string>, method = "GET"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, setHost: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
    });
    asked.once("error", reject).end();
  });
}

const page = "/debug/sse-stats";

it("tells of the streams without contents, headers or paths, and answers nobody who could be a web page", async () => {
  const origin = await eventOrigin();
  const port = await freePort();
  const app = await launch({ args: ["--stats", "--stats-port", String(port)] });
  const url = `${origin.url}?token=canary-query`;
  const id = await app.addStream({
    url,
    name: "canary-name",
    headers: [{ name: "X-Key", value: "canary-header", secret: false }],
  });
  await expect.poll(() => app.phase(id)).toBe("open");
  origin.publish("canary-data");
  const host = { host: `127.0.0.1:${port}` };
  const stats = async () =>
    JSON.parse((await ask(port, page, host)).body) as { version: string; streams: Record<string, unknown>[] };
  await expect
    .poll(async () => (await stats()).streams)
    .toMatchObject([{ id, phase: "open", transport: "sse", events: 1, origin: new URL(url).origin }]);
  const both = (await ask(port, page, host)).body + (await ask(port, "/metrics", host)).body;
  expect(both).not.toContain("canary");
  expect(both).not.toContain("/events");
  expect((await ask(port, page, host)).headers).not.toHaveProperty("access-control-allow-origin");

  const refused: [number, Record<string, string>, string?, string?][] = [
    [403, {}],
    [403, { host: "evil.test" }],
    [403, { host: `evil.test:${port}` }],
    [403, { host: `127.0.0.1.evil.test:${port}` }],
    [403, { host: `127.0.0.1:${port + 1}` }],
    [403, { ...host, origin: "https://evil.test" }],
    [403, { ...host, origin: "null" }],
    [403, { ...host, "sec-fetch-site": "cross-site" }],
    [405, host, "POST"],
    [405, host, "DELETE"],
    [405, host, "OPTIONS"],
    [404, host, "GET", "/"],
    [404, host, "GET", "/debug/sse-stats/../../etc/passwd"],
  ];
  for (const [status, headers, method, path] of refused) {
    const reply = await ask(port, path ?? page, headers, method).catch(() => ({ status: 400, body: "" }));
    // Node itself refuses a request without a Host.
    expect([status, 400]).toContain(reply.status);
    expect(reply.body).toBe("");
  }
  expect((await ask(port, page, { host: `localhost:${port}` })).status).toBe(200);
});

it("says once that the port is taken, never visits who has it, and works on", async () => {
  let visits = 0;
  const squatter = createServer((socket) => {
    visits++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void squatter.close());
  const { port } = squatter.address() as AddressInfo;
  const origin = await eventOrigin();
  const app = await launch({ args: ["--stats", "--stats-port", String(port)] });
  await app.page.getByText(say("problem.stats-port-taken", { port })).waitFor();
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  await app.setGeneral({ theme: "dark" });
  await app.setGeneral({ theme: "light" });
  expect(await app.page.getByText(say("problem.stats-port-taken", { port })).count()).toBe(1);
  expect(visits).toBe(0);
  expect(app.output()).not.toContain("stats: ");
});

it("is off until it is switched on, and off again when it is switched off", async () => {
  const port = await freePort();
  const app = await launch();
  const answered = () =>
    ask(port, page, { host: `127.0.0.1:${port}` }).then(
      ({ status }) => status,
      () => "nobody",
    );
  expect(await answered()).toBe("nobody");
  await app.setGeneral({ stats: { on: true, port } });
  await expect.poll(answered).toBe(200);
  await app.setGeneral({ stats: { on: false, port } });
  await expect.poll(answered).toBe("nobody");
});
