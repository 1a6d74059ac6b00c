import { expect, it } from "vitest";
import { readToken } from "../../main/io/auth/token-text.ts";

it.each([
  ["plain", "abc.DEF-123", "abc.DEF-123", null],
  ["with a line's end", "  abc\r\n", "abc", null],
  ["of two words", "v2 abc", "v2 abc", null],
  ["as OAuth has it", '{"access_token":"abc","token_type":"Bearer","expires_in":3600}', "abc", 3_600_000],
  ["in other JSON", '{"token":"abc"}', "abc", null],
  ["in both, by the standard's name", '{"token":"old","access_token":"new"}', "new", null],
  ["with its life as text", '{"token":"abc","expires_in":"60"}', "abc", 60_000],
  ["that is over already", '{"token":"abc","expires_in":-5}', "abc", 0],
  ["with a life that is no number", '{"token":"abc","expires_in":"soon"}', "abc", null],
  ["with an empty life", '{"token":"abc","expires_in":""}', "abc", null],
  ["with an endless life", '{"token":"abc","expires_in":1e999}', "abc", null],
])("reads a token %s", (_name, text, token, lifeMs) => {
  expect(readToken(Buffer.from(text))).toEqual({ token, lifeMs });
});

it.each([
  ["nothing", ""],
  ["white space", " \n"],
  ["several lines", "secret\nX-Evil: 1"],
  ["a control sign", "sec\u0007ret"],
  ["letters that no header takes", "sécret"],
  ["bytes that are no text", Buffer.from([0x73, 0xff, 0xfe])],
  ["JSON without a token", '{"error":"secret"}'],
  ["an empty token", '{"token":""}'],
  ["a token that is no text", '{"access_token":17}'],
  ["a token with a line break in it", '{"access_token":"secret\\r\\nX-Evil: 1"}'],
  ["half of an object", '{"access_token":"secret"'],
  ["a trap", '{"__proto__":{"token":"secret"}}'],
])("takes %s for no token, and quotes nothing of it", (_name, text) => {
  const read = () => readToken(Buffer.from(text as string));
  expect(read).toThrow(expect.objectContaining({ reason: "unusable", message: "unusable" }));
});
