import { inspect } from "node:util";
import { expect, it } from "vitest";
import { CredentialError } from "../../main/io/auth/credential-error.ts";
import { askTokenAddress, type TokenRequest } from "../../main/io/auth/token-address.ts";
import { bad } from "../fakes/certificate.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Script } from "../fakes/raw-server.ts";

const world = { userAgent: "Holdfast/test", utc: () => Date.UTC(2026, 0, 1) };
const patient = new AbortController().signal;
const ask = (url: string, change: Partial<TokenRequest> = {}, signal = patient) =>
  askTokenAddress({ url, method: "GET", secret: null, ...change }, world, signal).then(String);

/** A whole answer. */
const answering =
  (status: string, headers: Record<string, string>, body = ""): Script =>
  (talk) => {
    const type = { "Content-Type": "application/json" };
    talk.answer(status, { ...type, "Content-Length": `${body.length}`, ...headers }).send(body);
  };
const token = '{"access_token":"abc"}';

it.each(["GET", "POST"] as const)("asks by %s, signs in with the secret and gives the answer", async (method) => {
  const server = await rawServer(answering("200 OK", {}, token));
  expect(await ask(`${server.url}?client=1`, { method, secret: "sécret" })).toBe(token);
  const [talk] = server.talks;
  expect(talk?.request.split("\r\n")[0]).toBe(`${method} /events?client=1 HTTP/1.1`);
  expect(Buffer.from(talk?.header("authorization") ?? "", "latin1").toString()).toBe("Bearer sécret");
  expect(talk?.header("user-agent")).toBe("Holdfast/test");
  await expect.poll(() => server.open).toBe(0);
});

it("sends no sign-in where there is none, and none that stands in the address", async () => {
  const server = await rawServer(answering("200 OK", {}, token));
  await ask(server.url.replace("//", "//bob:secret@"));
  expect(server.talks[0]?.header("authorization")).toBeNull();
  expect(server.talks[0]?.request).not.toContain("secret");
});

it.each(["text/plain; charset=utf-8", "application/json;charset=utf-8", "Application/vnd.auth+JSON"])(
  "takes an answer of type %s",
  async (type) => {
    const server = await rawServer(answering("201 Created", { "Content-Type": type }, token));
    expect(await ask(server.url)).toBe(token);
  },
);

it.each<[name: string, script: Script, message: string, retryAfterMs: number | null]>([
  ["a refusal", answering("401 Unauthorized", {}, "secret"), "status 401", null],
  ["a busy server", answering("503 Unavailable", { "Retry-After": "7" }), "status 503", 7000],
  ["a sign-in page", answering("200 OK", { "Content-Type": "text/html" }, "<p>secret"), "unusable", null],
  ["an answer without a type", (talk) => talk.answer("200 OK").send("secret").fin(), "unusable", null],
  [
    "an endless answer",
    answering("200 OK", { "Content-Length": "9999999" }, "secret".repeat(20_000)),
    "too-large",
    null,
  ],
  ["a redirect without an address", answering("302 Found", {}), "redirect", null],
  ["a redirect in a circle", answering("302 Found", { Location: "/events" }), "redirect", null],
  ["something that is no HTTP", (talk) => talk.send("secret\r\n\r\n").fin(), "unreachable HTTPParserError", null],
  ["nothing but an end", (talk) => talk.fin(), "unreachable UND_ERR_SOCKET", null],
])("refuses %s, quotes nothing of it and hangs up", async (_name, script, message, retryAfterMs) => {
  const server = await rawServer(script);
  const error: unknown = await ask(server.url, { secret: "secret" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CredentialError);
  expect(error).toMatchObject({ message, retryAfterMs });
  expect(inspect(error)).not.toContain("secret");
  await expect.poll(() => server.open).toBe(0);
});

it("follows a redirect on the same server, signed in", async () => {
  const server = await rawServer((talk) => {
    if (talk.number === 1) return answering("307 Moved", { Location: "/v2/token" })(talk);
    return answering("200 OK", {}, token)(talk);
  });
  expect(await ask(server.url, { method: "POST", secret: "s" })).toBe(token);
  expect(server.talks.at(-1)?.request.split("\r\n")[0]).toBe("POST /v2/token HTTP/1.1");
  expect(server.talks.at(-1)?.header("authorization")).toBe("Bearer s");
});

it.each(["301 Moved", "302 Found", "303 See Other", "307 Moved", "308 Moved"])(
  "asks no other server after a %s",
  async (status) => {
    const other = await rawServer(answering("200 OK", {}, token));
    const server = await rawServer(answering(status, { Location: other.url }));
    await expect(ask(server.url, { secret: "s" })).rejects.toMatchObject({ message: "redirect" });
    expect(other.accepted).toBe(0);
  },
);

it("says that nobody listens there", async () => {
  await expect(ask(`http://127.0.0.1:${await freePort()}/`)).rejects.toMatchObject({
    message: "unreachable ECONNREFUSED",
  });
});

it("sends nothing to a server whose certificate is not good", async () => {
  const server = await rawServer(answering("200 OK", {}, token), { tls: bad["self-signed"]() });
  await expect(ask(server.url, { secret: "s" })).rejects.toMatchObject({
    message: "unreachable DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  expect(server.talks).toEqual([]);
});

it.each<[name: string, script: Script]>([
  ["before the headers", () => {}],
  ["in the middle of the answer", (talk) => void talk.answer("200 OK", { "Content-Type": "text/plain" }).send("sec")],
])("ends with the reason of whoever waits no longer, and hangs up: %s", async (_name, script) => {
  const server = await rawServer(script);
  const end = new AbortController();
  const error = ask(server.url, {}, end.signal).catch((reason: unknown) => reason);
  await expect.poll(() => server.talks.length).toBe(1);
  const reason = new CredentialError("timeout");
  end.abort(reason);
  expect(await error).toBe(reason);
  await expect.poll(() => server.open).toBe(0);
});
