/** The curl command: it asks for the same stream, a shell takes it as it was meant, and no secret is in it. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type CurlRequest, curlCommand, quoted } from "../../../main/core/export/curl.ts";

const plain: CurlRequest = {
  url: "https://example.org/orders",
  method: "GET",
  body: "",
  headers: [],
  lastEventId: "",
};

it.each<[string, Partial<CurlRequest>, string]>([
  ["a plain stream", {}, "curl -N -H 'Accept: text/event-stream' https://example.org/orders"],
  [
    "one that goes on",
    { lastEventId: "it's 7" },
    "curl -N -H 'Accept: text/event-stream' -H 'Last-Event-ID: it'\\''s 7' https://example.org/orders",
  ],
  [
    "headers, of which one is empty",
    {
      headers: [
        ["X-Tenant", "7"],
        ["X-None", ""],
      ],
    },
    "curl -N -H 'Accept: text/event-stream' -H 'X-Tenant: 7' -H 'X-None;' https://example.org/orders",
  ],
  [
    "a body that looks like the name of a file",
    { method: "POST", body: "@/etc/passwd" },
    "curl -N -X POST -H 'Accept: text/event-stream' --data-raw @/etc/passwd https://example.org/orders",
  ],
  [
    "an address with brackets",
    { url: "https://example.org/a?f[]=1&g=2" },
    "curl -N --globoff -H 'Accept: text/event-stream' 'https://example.org/a?f[]=1&g=2'",
  ],
  [
    "a header of its own that is ours to say",
    { headers: [["accept", "*/*"]] },
    "curl -N -H 'Accept: text/event-stream' https://example.org/orders",
  ],
  [
    "a header whose name only holds such a one",
    {
      headers: [
        ["Accept-Language", "zh"],
        ["X-Accept", "1"],
      ],
    },
    "curl -N -H 'Accept: text/event-stream' -H 'Accept-Language: zh' -H 'X-Accept: 1' https://example.org/orders",
  ],
])("asks for %s", (_, change, command) => {
  expect(curlCommand({ ...plain, ...change })).toBe(command);
});

it("leaves out every secret, and says where it has to be put in", () => {
  const command = curlCommand({
    ...plain,
    url: "https://bob:s3cret@example.org/orders?topic=a&access_token=s3cret&api_key=s3cret&key=s3cret#x",
    headers: [
      ["Authorization", "Bearer s3cret"],
      ["X-Shop", null],
      ["Cookie", "sid=s3cret"],
    ],
  });
  expect(command).not.toMatch(/s3cret|bob/);
  expect(command).toContain("-H 'Authorization: Bearer YOUR-SECRET' -H 'X-Shop: YOUR-SECRET' -H 'Cookie: YOUR-SECRET'");
  expect(command).toContain("topic=a&access_token=YOUR-SECRET&api_key=YOUR-SECRET&key=YOUR-SECRET");
});

it.each([
  ["a=1&key=s3cret", "a=1&key=YOUR-SECRET"],
  ["sig=s3cret", "sig=YOUR-SECRET"],
  ["JWT=s3cret&pwd=s3cret&auth=s3cret", "JWT=YOUR-SECRET&pwd=YOUR-SECRET&auth=YOUR-SECRET"],
  ["access_token=", "access_token=YOUR-SECRET"],
  ["monkey=1&keys=2&author=3&signal=4", "monkey=1&keys=2&author=3&signal=4"],
  ["a=1#access_token=s3cret", "a=1#access_token=YOUR-SECRET"],
  ["to=https://a&mail=b@c", "to=https://a&mail=b@c"],
])("asks for the query %s as %s", (query, expected) => {
  const url = (search: string) => `https://example.org/orders?${search}`;
  expect(curlCommand({ ...plain, url: url(query) })).toBe(
    `curl -N -H 'Accept: text/event-stream' ${quoted(url(expected))}`,
  );
});

it.each([
  ["Bearer s3cret", "Bearer YOUR-SECRET"],
  ["basic s3cret", "basic YOUR-SECRET"],
  ["Bearer", "YOUR-SECRET"],
  ["Digest basic s3cret", "YOUR-SECRET"],
  ["s3cret", "YOUR-SECRET"],
  ["", "YOUR-SECRET"],
])("keeps of the credential %j no more than its scheme", (value, expected) => {
  const command = curlCommand({ ...plain, headers: [["Authorization", value]] });
  expect(command).toContain(`-H 'Authorization: ${expected}'`);
});

it.skipIf(process.platform === "win32")("is one word to a shell, whatever is in it", () => {
  const words = fc.sample(fc.string({ unit: "binary", maxLength: 20 }), 50).map((word) => word.replaceAll("\0", ""));
  const hard = ["", "$(id)", "`id`", "a'b", "''", "\\", "!!", "a\nb", "-n", "*", "~", ...words];
  const said = execFileSync("sh", ["-c", `printf '%s\\0' ${hard.map(quoted).join(" ")}`], { encoding: "utf8" });
  expect(said.split("\0").slice(0, -1)).toEqual(hard.map((word) => word.toWellFormed()));
});
