import { inspect } from "node:util";
import { expect, it } from "vitest";
import { CredentialError } from "../../main/io/auth/credential-error.ts";
import { createCredentialSource } from "../../main/io/auth/credential-source.ts";
import type { Token } from "../../main/io/auth/token-text.ts";
import { fakeClock, settle } from "../fakes/stream-world.ts";

/** A source whose tokens are numbered and come when the test says so. */
function numbered(lifeMs: number | null = null) {
  const clock = fakeClock();
  const asked: { give(): void; fail(error: unknown): void }[] = [];
  const fetch = (signal: AbortSignal): Promise<Token> =>
    new Promise((resolve, reject) => {
      const token = `t${asked.length + 1}`;
      asked.push({ give: () => resolve({ token, lifeMs }), fail: reject });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const source = createCredentialSource(fetch, clock);
  /** Asks, and answers at once if that leads to a question. */
  const fresh = async () => {
    const before = asked.length;
    const token = source.fresh(null);
    if (asked.length > before) asked.at(-1)?.give();
    return (await token).token;
  };
  return { clock, asked, source, fresh };
}

it("asks once for all who wait", async () => {
  const { asked, source } = numbered();
  const all = [source.fresh(null), source.fresh(null), source.fresh(null)];
  asked[0]?.give();
  expect((await Promise.all(all)).map(({ token }) => token)).toEqual(["t1", "t1", "t1"]);
  expect(asked).toHaveLength(1);
});

it("shares a token that does not say how long it lives for five seconds from the question, and asks anew then", async () => {
  const { clock, asked, source, fresh } = numbered();
  const slow = source.fresh(null);
  await clock.advance(3000);
  asked[0]?.give();
  expect((await slow).token).toBe("t1");
  await clock.advance(1999);
  expect(await fresh()).toBe("t1");
  await clock.advance(1);
  expect(await fresh()).toBe("t2");
});

it("gives nobody a token twice that does not say how long it lives, even where its text is the same", async () => {
  let asked = 0;
  const source = createCredentialSource(async () => ({ token: "same", lifeMs: null, n: ++asked }), fakeClock());
  const first = await source.fresh(null);
  expect(await source.fresh(null)).toBe(first);
  const [one, other] = [await source.fresh(first), await source.fresh(first)];
  expect([one === first, other === one, asked]).toEqual([false, true, 2]);
});

it("gives a token twice to the same one while it is known to live", async () => {
  const { source, asked } = numbered(100_000);
  const first = source.fresh(null);
  asked[0]?.give();
  expect(await source.fresh(await first)).toBe(await first);
});

it("asks once when several are refused with the same token, one after the other", async () => {
  const { asked, source, fresh } = numbered();
  await fresh();
  source.refused("t1");
  expect(await fresh()).toBe("t2");
  source.refused("t1");
  expect(await fresh()).toBe("t2");
  expect(asked).toHaveLength(2);
});

it("replaces a token when nine tenths of its life are over", async () => {
  const { clock, fresh } = numbered(100_000);
  await fresh();
  await clock.advance(89_999);
  expect(await fresh()).toBe("t1");
  await clock.advance(1);
  expect(await fresh()).toBe("t2");
});

it("counts its life from the question, not from the answer", async () => {
  const { clock, asked, source, fresh } = numbered(100_000);
  const slow = source.fresh(null);
  await clock.advance(10_000);
  asked[0]?.give();
  await slow;
  await clock.advance(80_000);
  expect(await fresh()).toBe("t2");
});

it("knows that a token grew old while the computer slept and its monotonic clock stood still", async () => {
  const { clock, fresh } = numbered(100_000);
  await fresh();
  clock.setUtc(clock.utc() + 3_600_000);
  expect(await fresh()).toBe("t2");
});

it("does not keep a token for ever because the clock was set back", async () => {
  const { clock, fresh } = numbered(100_000);
  await fresh();
  clock.setUtc(clock.utc() - 3_600_000);
  await clock.advance(90_000);
  expect(await fresh()).toBe("t2");
});

it("does not use a token twice that is over as it comes", async () => {
  const { fresh } = numbered(0);
  expect([await fresh(), await fresh()]).toEqual(["t1", "t2"]);
});

it("tells all who wait that it failed, and asks again the next time", async () => {
  const { asked, source, fresh } = numbered();
  const all = [source.fresh(null), source.fresh(null)];
  const error = new CredentialError("status", 503);
  asked[0]?.fail(error);
  for (const one of all) await expect(one).rejects.toBe(error);
  expect(await fresh()).toBe("t2");
});

it("says nothing of an error that it does not know", async () => {
  const { asked, source } = numbered();
  const one = source.fresh(null);
  asked[0]?.fail(new TypeError("the secret is wrong"));
  const error = await one.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: "CredentialError", message: "unusable" });
  expect(inspect(error)).not.toContain("secret");
});

it("gives up after fifteen seconds, and leaves no timer", async () => {
  const { clock, source, fresh } = numbered();
  const one = source.fresh(null).catch((reason: unknown) => reason);
  await clock.advance(14_999);
  expect(await Promise.race([one, settle()])).toBeUndefined();
  await clock.advance(1);
  expect(await one).toMatchObject({ reason: "timeout" });
  expect(await fresh()).toBe("t2");
  expect(clock.timers).toBe(0);
});

it("ends what is under way when it is closed, and forgets its token", async () => {
  const { clock, source } = numbered();
  const one = source.fresh(null).catch((reason: unknown) => reason);
  source.close();
  expect(await one).toMatchObject({ reason: "closed" });
  expect(clock.timers).toBe(0);
});
