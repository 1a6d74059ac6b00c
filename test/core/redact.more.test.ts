/** What is left of a text when its secrets are out: all of the secret goes, and nothing beside it. */
import { expect, it } from "vitest";
import { address, isSensitiveHeader, redact } from "../../main/core/redact.ts";

it.each([
  ["http://host/path?token=c4n4ry&a=b", "http://host/path?token=***&a=***"],
  ["sent Bearer c4n4ry, then closed", "sent Bearer ***, then closed"],
  ["sent basic  c4n4ry== twice", "sent basic *** twice"],
  ["Cookie : sid c4n4ry", "Cookie : ***"],
  ['x-api-key:"c4n4ry", next', "x-api-key:***, next"],
  ['x-api-key: "c4n4ry', "x-api-key: ***"],
  ["{'cookie': 'sid c4n4ry', 'next': 1}", "{'cookie': ***, 'next': 1}"],
  ["'cookie': 'sid c4n4ry", "'cookie': ***"],
  ["cookie: a\r\nnext: b", "cookie: ***\r\nnext: b"],
  ["https://bob:c4n4ry@host/x", "https://***@host/x"],
])("makes of %j: %j", (text, shown) => expect(redact(text)).toBe(shown));

it.each([
  ["see http://host/x", ""],
  ["http:///x", "http:///x"],
  ["http://?x", "http:///"],
])("takes %j for the address %j: one stands alone, and its host may be empty", (text, shown) =>
  expect(address(text)).toBe(shown),
);

it.each(["X-Cookie", "Cookie-Policy", "Authorization-Mode"])(
  "does not take %s for a credential by a part of it",
  (name) => expect(isSensitiveHeader(name)).toBe(false),
);
