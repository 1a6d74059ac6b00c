/** Secrets in free text and in addresses, in the shapes they are met in. */
import { expect, it } from "vitest";
import { address, isSensitiveHeader, origin, redact } from "../../main/core/redact.ts";

const secret = "c4n4ry";

it.each([
  `GET http://bob:${secret}@host/x failed`,
  `http://bob:${secret}@x@host/`,
  `https://${secret}@host`,
  `Authorization: Bearer ${secret}`,
  `authorization: Basic ${secret}==`,
  `Authorization: Token ${secret}`,
  `Authorization: Digest username="u", response="${secret}"`,
  `Proxy-Authorization: Negotiate ${secret}`,
  `Cookie: theme=dark; sid=${secret}`,
  `{"authorization":"ApiKey ${secret}","x":1}`,
  `{\\"authorization\\":\\"Token ${secret}\\"}`,
  `x-api-key: ${secret}`,
  `X-Auth-Token=${secret}`,
  `http://host/path?token=${secret}&a=b`,
  `http://host/path?a=b&key=${secret}#top`,
  `http://host/cb#access_token=${secret}`,
  `wss://u:${secret}@host/socket`,
])("takes the secret out of %s", (text) => expect(redact(text)).not.toContain(secret));

it.each(["connect ECONNREFUSED 127.0.0.1:6687", "the basics: a bearer", "at 12:30 user@host wrote", "id=5 is fine"])(
  "leaves %s as it is",
  (text) => expect(redact(text)).toBe(text),
);

it.each([
  ["https://u:p@Host:8443/a/b?x=1#y", "https://host:8443/a/b", "https://host:8443"],
  ["http://a", "http://a/", "http://a"],
  ["HTTP://A/Path", "http://a/Path", "http://a"],
  ["http://a?token=x", "http://a/", "http://a"],
  ["http://u:p@ss@host/x", "http://host/x", "http://host"],
  ["http://[::1]:80/x", "http://[::1]:80/x", "http://[::1]:80"],
  ["not a url", "", ""],
  ["", "", ""],
])("of %s shows %s, and %s as its origin", (url, shown, from) => {
  expect(address(url)).toBe(shown);
  expect(origin(url)).toBe(from);
});

it.each(["Authorization", " cookie ", "X-Api-Key", "x-auth-token", "X-Session-Id", "My-Secret", "x-apikey"])(
  "takes %s for a credential",
  (name) => {
    expect(isSensitiveHeader(name)).toBe(true);
  },
);
it.each(["Accept-Language", "X-Request-Id", "User-Agent"])("does not take %s for one", (name) => {
  expect(isSensitiveHeader(name)).toBe(false);
});
