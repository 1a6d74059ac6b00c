/** Close codes of WebSockets: what the protocol says, and the habits of those who made codes of their own. */
import { expect, it } from "vitest";
import { classify, type Evidence, freshContext } from "../../main/core/failure/failure.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };
import { show } from "./failure-evidence.ts";

const closed = (code: number, reason = ""): Evidence => ({ what: "closed", code, reason });

it.each([
  [1000, "SERVER ended"],
  [1001, "SERVER going-away"],
  [1002, "SERVER protocol"],
  [1003, "SERVER protocol"],
  [1005, "SERVER ended"],
  [1006, "PROXY dropped"],
  [1007, "SERVER protocol"],
  [1008, "SERVER policy"],
  [1009, "SERVER event-too-large"],
  [1010, "SERVER protocol"],
  [1011, "SERVER server-error"],
  [1012, "SERVER going-away"],
  [1013, "SERVER try-later"],
  [1014, "PROXY bad-gateway"],
  [1015, "SERVER tls"],
  [2999, "SERVER closed-by-server"],
  [3000, "SERVER closed-by-server"],
  [3499, "SERVER closed-by-server"],
  [3500, "SERVER closed-for-good final"],
  [3999, "SERVER closed-for-good final"],
  [4000, "SERVER closed-for-good final"],
  [4099, "SERVER closed-for-good final"],
  [4100, "SERVER try-later"],
  [4199, "SERVER try-later"],
  [4200, "SERVER going-away"],
  [4299, "SERVER going-away"],
  [4300, "SERVER closed-by-server"],
  [4400, "SERVER closed-by-server"],
  [4401, "AUTH unauthorized"],
  [4403, "AUTH forbidden"],
  [4429, "SERVER too-many-requests"],
  [4500, "SERVER closed-by-server"],
  [4999, "SERVER closed-by-server"],
  [0, "SERVER closed-by-server"],
  [65_535, "SERVER closed-by-server"],
])("takes %s for %s", (code, becomes) => {
  expect(show(closed(code))).toBe(becomes);
  expect(Object.keys(en)).toContain(`failure.${classify(closed(code), freshContext).kind}`);
});

it.each([1000, 1001, 1005, 1006, 1012])("may take %s for planned", (code) => {
  expect(show(closed(code), { planned: true })).toBe("PLANNED planned");
});

it.each([1002, 1008, 1011, 1013, 3500, 4001, 4200, 4401])("never takes %s for planned", (code) => {
  expect(show(closed(code), { planned: true })).toBe(show(closed(code)));
});

it("takes a credential that is refused twice over a WebSocket for final, as over HTTP", () => {
  expect(show(closed(4401), { refusals: 1 })).toBe("AUTH unauthorized final");
  expect(show(closed(4403), { refusals: 1, freshCredential: true })).toBe("AUTH forbidden");
});

it("shows the code with the server's own text behind it", () => {
  const code = (evidence: Evidence) => classify(evidence, freshContext).params["code"];
  expect(code(closed(4001, "no such app"))).toBe("4001 no such app");
  expect(code(closed(1006))).toBe("1006");
});
