/** What is masked in a text and what is left, one step on either side: addresses, words, tokens, and numbers that only look so. */
import { describe, expect, it } from "vitest";
import { createMasks } from "../../main/core/diagnosis/masks.ts";

const masksOf = (...urls: readonly string[]) => createMasks({ urls, secrets: [] });
const hiding = (...secrets: readonly string[]) => createMasks({ urls: [], secrets });

it.each([
  ["https://a.example:8443/v2/events", "https://host-1:8443/v2/events"],
  ["https://jane:pass-word@a.example/x?key=value#part", "https://host-1/x"],
  ["HTTP+x://A.example", "HTTP+x://host-1"],
  ["http://10.1.2.3:3128/a?b", "http://ip-1:3128/a"],
  ["http://[2001:db8::17]:9000/x?y", "http://ip-1:9000/x"],
  ["http://localhost:3000/x?y", "http://localhost:3000/x"],
  ["http:///x?y", "http:///x"],
  ["see http://a.example/x?y", "see http://host-1/x?y"],
  ["a.example", "host-1"],
])("of the address %s is left %s", (url, masked) => {
  expect(masksOf().url(url)).toBe(masked);
});

it.each([
  ["", ""],
  ["localhost", "localhost"],
  ["intranet", "host-1"],
  ["10.1.2.3", "ip-1"],
  ["[2001:db8::17]", "ip-1"],
])("the host %j is called %j", (host, masked) => {
  expect(masksOf().host(host)).toBe(masked);
});

describe("what was known when it began", () => {
  it.each([
    ["the host", "from api.", "from host-1."],
    ["not a word that it is part of", "from apis or capital", "from apis or capital"],
    ["user and password", "jane and pass-word", "secret-1 and secret-2"],
    ["values of the query", "first-value, second", "secret-1, secret-2"],
    ["the fragment", "part", "secret-1"],
    ["a token in the path", "/v2/a1b2c3d4e5/x", "/v2/secret-1/x"],
    ["a token as it is meant", "%40mine or @mine", "secret-1 or secret-2"],
    ["not the names of the query, nor the path", "key other events v2", "key other events v2"],
  ])("is masked: %s", (_what, text, masked) => {
    const url = "http://jane:pass-word@api/v2/events/a1b2c3d4e5/%40mine?key=first-value&other=second#part";
    expect(masksOf(url).inText(text)).toBe(masked);
  });

  it("is masked whole, whichever of two was named first", () => {
    for (const urls of [
      ["http://api/", "http://api-inner/"],
      ["http://api-inner/", "http://api/"],
    ])
      expect(masksOf(...urls).inText("api-inner api")).toBe("host-1 host-2");
  });

  it("leaves a text whole where no address had a name in it", () => {
    const text = "localhost is here, and so is nothing";
    expect(masksOf("http://localhost:3000/", "file:///here", "nothing").inText(text)).toBe(text);
  });
});

it.each([
  ["Bearer abc.def-123", "a Bearer of abc.def-123", "a Bearer of secret-1"],
  ["Basic mytoken", "Basic or mytoken", "Basic or secret-1"],
  ["Token token-9x8y", "Token or token-9x8y", "Token or secret-1"],
  ["sid=four; theme=dark", "sid is four, theme is dark", "sid is secret-1, theme is secret-2"],
  ["abcd", "abcd", "secret-1"],
  ["abc", "abc", "abc"],
  ["seven77", "xseven77", "xseven77"],
  ["eight888", "xeight888x", "xsecret-1x"],
  ["a.b*c", "a.b*c axbbc", "secret-1 axbbc"],
  ["100%x", "100%x", "secret-1"],
])("the secret %j is hidden in %j", (secret, text, masked) => {
  expect(hiding(secret).inText(text)).toBe(masked);
});

it("a long host is hidden as a word only, not as a secret is", () => {
  expect(masksOf("http://longhostname/").inText("mylonghostnames longhostname")).toBe("mylonghostnames host-1");
});

describe("what looks like somebody's", () => {
  it.each([
    ["jane@corp.example", "secret-1"],
    ["jane.doe+x@corp", "secret-1"],
    ["jane%40corp.example", "secret-1"],
    ["2001:db8::7", "ip-1"],
    ["at 2001:db8::7: gone", "at ip-1: gone"],
    ["to :2001:db8::7.", "to :ip-1."],
    ["[2001:db8::7]:80", "ip-1:80"],
    ["fe80::1%eth0", "ip-1"],
    ["1:2:3:4:5:6:7:8", "ip-1"],
    ["10.1.2.3", "ip-1"],
    ["api.corp.example", "host-1"],
    ["xn--a.xn--p1ai", "host-1"],
  ])("is masked: %s", (text, masked) => {
    expect(masksOf().inText(text)).toBe(masked);
  });

  it.each(["12:30:45", "a :: b", "12345::1", "::12345", "1.22.1.4.5", "nginx/1.22.1", "node.js", "v1.2", "a.b"])(
    "is nobody's: %s",
    (text) => {
      expect(masksOf().inText(text)).toBe(text);
    },
  );
});

describe("a part of a path", () => {
  const letters = (count: number) => "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz".slice(0, count);
  it.each([
    ["a name at a site", "@jane"],
    ["the same, encoded", "%40jane"],
    ["32 letters", letters(32)],
    ["20 with a digit", `${letters(19)}7`],
    ["20 with a capital in them", "abcdefghijKlmnopqrst"],
    ["ten, mixed", "a1b2c3d4e5"],
    ["a number of five digits", "orders-20245"],
    ["three digits behind a word", "stream-edge007"],
    ["a digit behind two letters", "stream-ab7-x"],
    ["a token that is encoded badly", "a1b2c3d4e5%"],
  ])("is a secret: %s", (_what, part) => {
    expect(masksOf().path(`/v1/${part}/events`)).toBe("/v1/secret-1/events");
  });

  it.each([
    ["31 letters", letters(31)],
    ["20 letters", letters(20)],
    ["20 with a capital in front", `A${letters(19)}`],
    ["19 with a digit", `${letters(18)}7`],
    ["nine, mixed", "a1b2c3d4e"],
    ["a number, however long", "12345678901"],
    ["a word with other letters", "größenliste"],
    ["a year", "orders-2024"],
    ["a version", "stream-v2"],
    ["a version of a year", "stream-v2024"],
    ["a version that is not done", "stream-v2beta"],
    ["a version that is not done, with its number", "stream-v2beta1"],
    ["a word with a number", "stream-edge07"],
    ["short words and an empty one", "a-b--stream_2.x~y"],
    ["a sign that is encoded badly", "100%"],
  ])("is a name: %s", (_what, part) => {
    expect(masksOf().path(`/v1/${part}/events`)).toBe(`/v1/${part}/events`);
  });
});
