import { expect, it } from "vitest";
import { type Environment, environmentRoute } from "../../../main/core/proxy/environment.ts";
import { isLoopbackHost, parseIp } from "../../../main/core/proxy/ip-address.ts";
import { isExempt } from "../../../main/core/proxy/no-proxy.ts";
import { parseProxyAddress } from "../../../main/core/proxy/proxy-address.ts";
import { parseProxyList } from "../../../main/core/proxy/proxy-list.ts";
import { inOrder, putOffMs, withPutOff } from "../../../main/core/proxy/proxy-order.ts";
import { type ProxyRoute, routeName } from "../../../main/core/proxy/proxy-route.ts";

const shown = (route: ProxyRoute) => (route.kind === "proxy" ? routeName(route) : route.kind);

it.each([
  ["proxy.example:3128", "http://proxy.example:3128"],
  ["http://proxy.example", "http://proxy.example:80"],
  ["HTTP://Proxy.Example:8080/", "http://proxy.example:8080"],
  ["https://proxy.example", "https://proxy.example:443"],
  ["socks5://proxy.example", "socks5://proxy.example:1080"],
  ["socks5h://10.0.0.1:9", "socks5://10.0.0.1:9"],
  ["socks://proxy", "socks5://proxy:1080"],
  ["http://[2001:DB8::1]:8080", "http://[2001:db8::1]:8080"],
  ["  http://proxy:1 ", "http://proxy:1"],
  ["", "required"],
  ["   ", "required"],
  ["socks4://proxy", "proxy-url-scheme"],
  ["ftp://proxy", "proxy-url-scheme"],
  ["http://proxy:0", "proxy-url-invalid"],
  ["http://proxy:65536", "proxy-url-invalid"],
  ["http://proxy:port", "proxy-url-invalid"],
  ["http://proxy/path", "proxy-url-invalid"],
  ["http://proxy?query", "proxy-url-invalid"],
  ["http://pro xy", "proxy-url-invalid"],
  ["http://-proxy", "proxy-url-invalid"],
  ["http://", "proxy-url-invalid"],
  ["http://代理:80", "proxy-url-invalid"],
])("reads the proxy %j as %s", (text, expected) => {
  const parsed = parseProxyAddress(text);
  expect(typeof parsed === "string" ? parsed : routeName(parsed)).toBe(expected);
});

it.each([
  ["http://proxy:1", null],
  ["http://@proxy:1", null],
  ["http://ann@proxy:1", { username: "ann", password: "" }],
  ["http://ann:b%40c:d@proxy:1", { username: "ann", password: "b@c:d" }],
  ["http://ann:100%@proxy:1", { username: "ann", password: "100%" }],
])("takes the credentials of %j and never says them", (text, credentials) => {
  const parsed = parseProxyAddress(text);
  expect(parsed).toMatchObject({ credentials });
  expect(typeof parsed === "string" ? "" : routeName(parsed)).toBe("http://proxy:1");
});

it.each([
  ["DIRECT", ["direct"]],
  ["PROXY a:3128", ["http://a:3128"]],
  ["PROXY a:3128; PROXY b:3128; DIRECT", ["http://a:3128", "http://b:3128", "direct"]],
  [
    "proxy a:1;HTTPS b:2 ; SOCKS5 c:3;SOCKS d;direct;",
    ["http://a:1", "https://b:2", "socks5://c:3", "socks5://d:1080", "direct"],
  ],
  ["PROXY [2001:db8::1]:8080", ["http://[2001:db8::1]:8080"]],
  ["QUIC q:443; PROXY a:1", ["http://a:1"]],
  ["SOCKS4 s:1080", ["unusable"]],
  ["PROXY a:1 b:2", ["unusable"]],
  ["nonsense", ["unusable"]],
])("makes of the system's answer %j the ways %j", (text, routes) => {
  const list = parseProxyList(text);
  expect(list.routes.map(shown)).toEqual(routes);
  expect(list.silent).toBe(false);
});

it.each(["", "  ", ";;"])("goes directly and says so when the system answers %j", (text) => {
  expect(parseProxyList(text)).toEqual({ routes: [{ kind: "direct" }], silent: true });
});

it("takes no password from a list: whoever answers for the network could name any server", () => {
  expect(parseProxyList("PROXY ann:word@a:1").routes).toMatchObject([{ host: "a", credentials: null }]);
});

it.each([
  ["*", "example.com", 443, true],
  ["", "example.com", 443, false],
  ["example.com", "example.com", 443, true],
  ["example.com", "EXAMPLE.com.", 443, true],
  ["example.com", "api.example.com", 443, true],
  ["example.com", "notexample.com", 443, false],
  [".example.com", "api.example.com", 443, true],
  [".example.com", "example.com", 443, true],
  ["*.example.com", "api.example.com", 443, true],
  ["other.org, example.com", "example.com", 443, true],
  ["other.org example.com", "example.com", 443, true],
  ["example.com:8443", "example.com", 8443, true],
  ["example.com:8443", "example.com", 443, false],
  ["10.0.0.0/8", "10.9.8.7", 443, true],
  ["10.0.0.0/8", "11.0.0.1", 443, false],
  ["192.168.4.0/22", "192.168.7.255", 443, true],
  ["192.168.4.0/22", "192.168.8.0", 443, false],
  ["10.0.0.0/33", "10.0.0.0", 443, false],
  ["10.0.0.0/x", "10.0.0.0", 443, false],
  ["0.0.0.0/0", "8.8.8.8", 443, true],
  ["10.0.0.1", "10.0.0.1", 443, true],
  ["10.0.0.1:80", "10.0.0.1", 443, false],
  ["0.0.1", "10.0.0.1", 443, false],
  ["fd00::/8", "fd12:3456::1", 443, true],
  ["fd00::/8", "fe80::1", 443, false],
  ["[2001:db8::1]:443", "2001:db8::1", 443, true],
  ["[2001:db8::1]:443", "2001:db8::1", 80, false],
  ["2001:db8::1", "2001:0db8:0:0:0:0:0:1", 443, true],
  ["10.0.0.0/8", "ten.example", 443, false],
  ["example.com/8", "example.com", 443, false],
])("NO_PROXY %j exempts %s:%i: %s", (noProxy, host, port, exempt) => {
  expect(isExempt(noProxy, host, port)).toBe(exempt);
});

const web = { encrypted: false, host: "example.com", port: 80 };
const tls = { encrypted: true, host: "example.com", port: 443 };

it.each<[string, Environment, typeof web, string | null]>([
  ["nothing", {}, web, "direct"],
  ["HTTP_PROXY for http:", { HTTP_PROXY: "http://a:1" }, web, "http://a:1"],
  ["HTTP_PROXY not for https:", { HTTP_PROXY: "http://a:1" }, tls, "direct"],
  ["HTTPS_PROXY for https:", { HTTPS_PROXY: "a:1" }, tls, "http://a:1"],
  ["HTTPS_PROXY not for http:", { HTTPS_PROXY: "a:1" }, web, "direct"],
  ["the lower case first", { https_proxy: "low:1", HTTPS_PROXY: "up:1" }, tls, "http://low:1"],
  ["an empty value as none", { https_proxy: "", HTTPS_PROXY: "up:1" }, tls, "http://up:1"],
  ["ALL_PROXY where nothing else is", { ALL_PROXY: "socks5://s:1" }, tls, "socks5://s:1"],
  ["all_proxy", { all_proxy: "socks5h://s" }, web, "socks5://s:1080"],
  ["the special one before ALL_PROXY", { ALL_PROXY: "all:1", HTTPS_PROXY: "one:1" }, tls, "http://one:1"],
  ["NO_PROXY", { ALL_PROXY: "a:1", NO_PROXY: "example.com" }, tls, "direct"],
  ["no_proxy before NO_PROXY", { ALL_PROXY: "a:1", no_proxy: "other", NO_PROXY: "*" }, tls, "http://a:1"],
  ["NO_PROXY with its port", { ALL_PROXY: "a:1", NO_PROXY: "example.com:80" }, tls, "http://a:1"],
  ["HTTP_PROXY not within CGI", { HTTP_PROXY: "evil:1", REQUEST_METHOD: "GET" }, web, "direct"],
  ["http_proxy even within CGI", { http_proxy: "a:1", REQUEST_METHOD: "GET" }, web, "http://a:1"],
  ["HTTPS_PROXY even within CGI", { HTTPS_PROXY: "a:1", REQUEST_METHOD: "GET" }, tls, "http://a:1"],
  ["no proxy for this computer", { ALL_PROXY: "a:1" }, { ...tls, host: "127.0.0.1" }, "direct"],
  ["no proxy for localhost", { ALL_PROXY: "a:1" }, { ...tls, host: "demo.localhost" }, "direct"],
  ["a value that is none", { ALL_PROXY: "http://ann:secret@:1" }, tls, "unusable"],
])("reads of the environment %s", (_what, env, destination, expected) => {
  const route = environmentRoute(env, destination);
  expect(shown(route)).toBe(expected);
  expect(JSON.stringify(route)).not.toContain("secret");
});

it.each([
  ["1.2.3.4", 4],
  ["1.2.3.256", null],
  ["1.2.3", null],
  ["::", 16],
  ["::1", 16],
  ["1:2:3:4:5:6:7:8", 16],
  ["1:2:3:4:5:6:7", null],
  ["1::2::3", null],
  ["1:2:3:4:5:6:7::8", null],
  ["::ffff:10.0.0.1", 16],
  ["fe80::1%eth0", 16],
  ["example.com", null],
  ["12345::", null],
])("takes %s for an address of %s bytes", (text, length) => {
  expect(parseIp(text)?.length ?? null).toBe(length);
});

it.each([
  ["localhost", true],
  ["a.localhost.", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["128.0.0.1", false],
  ["::2", false],
  ["localhost.example.com", false],
])("knows whether %s is this computer: %s", (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected);
});

it("tries a proxy that failed behind all others, and in its own place again after some minutes", () => {
  const { routes } = parseProxyList("PROXY a:1; PROXY b:1; DIRECT");
  const [a] = routes;
  const putOff = withPutOff(new Map(), a ?? { kind: "direct" }, 1000);
  expect(inOrder(routes, putOff, 1000).map(shown)).toEqual(["http://b:1", "direct", "http://a:1"]);
  expect(inOrder(routes, putOff, 1000 + putOffMs - 1).map(shown)).toEqual(["http://b:1", "direct", "http://a:1"]);
  expect(inOrder(routes, putOff, 1000 + putOffMs).map(shown)).toEqual(["http://a:1", "http://b:1", "direct"]);
  expect(withPutOff(putOff, { kind: "direct" }, 1000 + putOffMs).size).toBe(0);
});
