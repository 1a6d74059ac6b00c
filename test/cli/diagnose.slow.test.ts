/** `diagnose` as a program: its JSON, its report, its exit codes. */
import { expect, it } from "vitest";
import { startDemoServer } from "../../main/io/demo/demo-server.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { cli } from "./program.ts";

it("prints one line of JSON with the promised keys, and nothing else", async () => {
  const server = await startDemoServer({ port: 0, rateHz: 10, faults: {} });
  const program = cli(["diagnose", server.url, "--json"]);
  expect(await program.exited).toBe(0);
  await server.close();
  expect(program.out).toHaveLength(1);
  const said = JSON.parse(program.out[0] ?? "");
  expect(Object.keys(said).slice(0, 5)).toEqual(["target", "verdict", "hops", "findings", "stages"]);
  expect(said).toMatchObject({ target: server.url, verdict: "healthy", findings: [] });
  expect(program.stderr).toBe("");
}, 40_000);

it("names cause, evidence and the line to change, in the language that is asked for", async () => {
  const body =
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
  const server = await rawServer((talk) => {
    talk
      .answer("503 Service Unavailable", { "content-length": String(body.length), "content-type": "text/html" })
      .send(body);
  });
  const [json, chinese] = [cli(["diagnose", server.url, "--json"]), cli(["diagnose", server.url, "--lang", "zh-CN"])];
  expect([await json.exited, await chinese.exited]).toEqual([0, 0]);
  const { findings } = JSON.parse(json.out[0] ?? "");
  expect(findings[0]).toMatchObject({ code: "no-route", fix: { product: "haproxy" } });
  expect(findings[0].fix.text).toContain("use_backend ORIGIN if { path_beg /events }");
  expect(chinese.out.join("\n")).toContain("网关没有这个路径的路由");
});

it("ends with 0 when it made a diagnosis, with 2 for a bad argument, and names that", async () => {
  const nobody = cli(["diagnose", `http://127.0.0.1:${await freePort()}/events`, "--json"]);
  const wrong = cli(["diagnose", "nonsense"]);
  expect([await nobody.exited, await wrong.exited]).toEqual([0, 2]);
  expect(JSON.parse(nobody.out[0] ?? "")).toMatchObject({ verdict: "broken", findings: [{ code: "refused" }] });
  expect(wrong.stderr).toContain("diagnose: URL: This is not an address");
  expect(wrong.out).toEqual([]);
});

it("says what it has when it is told to stop", async () => {
  const server = await rawServer(() => void program.child.kill("SIGINT"));
  const program = cli(["diagnose", server.url, "--json"]);
  expect(await program.exited).toBe(0);
  expect(JSON.parse(program.out[0] ?? "")).toMatchObject({ stopped: { code: "cancelled" } });
});
