/** Characters by themselves: what they are folded to, what they are to the search, and where they begin and end. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  after,
  fold,
  type Kind,
  kind,
  kindAt,
  tokenEnd,
  tokenStart,
  unescaped,
} from "../../../main/core/search/fold.ts";

it.each([
  ["Order", "order", "lower case"],
  ["ＡＢＣ１２", "abc12", "full width"],
  ["ｱｶﾞﾊﾟ", "アガパ", "half width, with its marks"],
  ["か\u3099", "が", "a sign and its mark"],
  ["e\u0301", "\u00e9", "a letter and its mark"],
  ["e\u00AD\u0301", "\u00e9", "a letter and its mark with something unseen between them"],
  ["J\u030C", "\u01f0", "a capital that has no form with its mark, as its small letter has"],
  ["\u03aa\u0301", "\u0390", "the same in Greek"],
  ["\ufeffa\u200bb\u200dc\u2060d\ufe0fe\u00adf", "abcdef", "what is not seen, at the start too"],
  ["ΟΔΟΣ ς ϲ", "οδοσ σ σ", "every small sigma"],
  ["℡ ½ ㍿", "tel 1⁄2 株式会社", "signs that are several"],
  ["İ", "i\u0307", "a capital with a dot of its own"],
  ["발송", "발송", "Korean in letters"],
  ["", "", "nothing"],
])("folds %j to %j: %s", (text, folded) => {
  expect(fold(text)).toBe(folded);
});

it("folds what looks the same to the same, and what is folded to itself", () => {
  const letters = fc.constantFrom(
    ..."aAJjΙισΣÉéがｶ发한İǰ",
    "\u0301",
    "\u030c",
    "\u0308",
    "\u3099",
    "\u00ad",
    "\u200d",
    "1",
  );
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 6 }), (text) => {
      expect(fold(fold(text))).toBe(fold(text));
      expect(fold(text.normalize("NFD"))).toBe(fold(text.normalize("NFC")));
    }),
    { numRuns: 300 },
  );
});

it.each([
  ["\\", null],
  ["C:\\Windows\\u12", null],
  ["\\u53d1\\u8D27", "发货"],
  ["\\ud842\\udfb7", "𠮷"],
  ["a\\\\u53d1", "a\\u53d1"],
  ["\\b\\f\\n\\r\\t", "\b\f\n\r\t"],
  ['\\"\\/', '"/'],
])("reads the escapes of %j as %j", (text, read) => {
  expect(unescaped(text)).toBe(read);
});

const kindOf = (found: Kind) => Object.entries(kind).find(([, value]) => value === found)?.[0];

it.each([
  ["a", "word"],
  ["é", "word"],
  ["ж", "word"],
  ["7", "word"],
  ["٣", "word"],
  ["\u{10400}", "word"],
  ["发", "sign"],
  ["々", "sign"],
  ["か", "sign"],
  ["ー", "sign"],
  ["한", "sign"],
  ["ㄅ", "sign"],
  ["ส", "sign"],
  ["𠮷", "sign"],
  ["\u0301", "mark"],
  ["\u3099", "mark"],
  ["\u{1d165}", "mark"],
  [" ", "gap"],
  ["_", "gap"],
  ["。", "gap"],
  ["€", "gap"],
  ["🚀", "gap"],
  ["\0", "gap"],
])("takes %j for a %s", (text, expected) => {
  expect(kindOf(kindAt(text, 0))).toBe(expected);
  // And once more, from memory.
  expect(kindOf(kindAt(text, 0))).toBe(expected);
});

it.each([
  ["\ud800", "\u{10000}", "word"],
  ["\ud801", "\u{10400}", "word"],
  ["\ud842", "𠮷", "sign"],
  ["\udbff", "\u{10ffff}", "gap"],
])("takes half a pair, %j, for a gap, and does not take %j for the same", (half, pair, expected) => {
  expect(kindOf(kindAt(half, 0))).toBe("gap");
  expect(kindOf(kindAt(pair, 0))).toBe(expected);
  expect(kindOf(kindAt(half, 0))).toBe("gap");
});

it("finds a gap before the text and behind it", () => {
  expect([-1, 1, 2].map((at) => kindOf(kindAt("a", at)))).toEqual(["gap", "gap", "gap"]);
});

it.each([
  ["ab", 0, 1],
  ["ab", 1, 2],
  ["\ud7ff\udc00", 0, 1],
  ["\uffffa", 0, 1],
  ["\u{10000}a", 0, 2],
  ["\u{10ffff}", 0, 2],
  ["\ud800\udbff", 0, 1],
  ["\udbff\ue000", 0, 1],
  ["\ud842", 0, 1],
  ["\udfb7\ud842", 0, 1],
])("in %j the character at %s ends at %s", (text, at, end) => {
  expect(after(text, at)).toBe(end);
});

it.each([
  ["ab cd", 0, 2],
  ["ab", 0, 2],
  ["a1é", 0, 3],
  ["a发", 0, 1],
  ["发a", 0, 1],
  ["发货", 0, 1],
  ["发\u0301货", 0, 2],
  ["a\u0301\u0301b", 0, 4],
  ["𠮷\u0301", 0, 3],
  ["a\u{10400}b", 0, 4],
])("in %j the token at %s ends at %s", (text, at, end) => {
  expect(tokenEnd(text, at)).toBe(end);
});

it.each([
  ["a", 0, 0],
  ["  a", 0, 2],
  [" \u0301a", 0, 2],
  ["\u0301发", 0, 1],
  ["🚀a", 0, 2],
  ["..", 0, 2],
  ["a", 1, 1],
  ["", 0, 0],
])("in %j the first token from %s on begins at %s, the end when there is none", (text, at, start) => {
  expect(tokenStart(text, at)).toBe(start);
});
