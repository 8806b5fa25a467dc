import { expect, test } from "bun:test";
import { UserError } from "../../../std/errors.ts";
import { bundleTroubles } from "./bundle-troubles.ts";

const file = (mark: string) => ({ time: "t", mark, changedMs: 0 });

test("a bad file is left alone until it changes, and named until it is gone", () => {
  const troubles = bundleTroubles(() => 0);
  expect(troubles.isDue("/i/bad.tar", file("1"))).toBe(true);
  expect(troubles.failed("/i/bad.tar", file("1"), new UserError("/i/bad.tar is cut short"))).toBe(true);
  expect(troubles.isDue("/i/bad.tar", file("1"))).toBe(false);
  expect(troubles.isDue("/i/bad.tar", file("2"))).toBe(true);
  expect(troubles.complaint()).toBe(
    "the image bundle bad.tar cannot be imported: /i/bad.tar is cut short; replace it or remove it",
  );
  troubles.failed("/i/b.tar", file("1"), new UserError("/i/b.tar names no image"));
  expect(troubles.complaint()).toEndWith("remove it (and b.tar)");
  troubles.keep({});
  expect(troubles.complaint()).toBeUndefined();
  expect(troubles.since()).toBeUndefined();
});

test("what is not the fault of the file is tried again, with growing pauses", () => {
  let now = 0;
  const troubles = bundleTroubles(() => now);
  const fail = () => troubles.failed("/i/a.tar", file("1"), new Error("no space left on device"));
  expect(fail()).toBe(false);
  expect(troubles.isDue("/i/a.tar", file("1"))).toBe(false);
  expect(troubles.complaint()).toContain("no space left on device; tried again");
  now += 10_000;
  expect(troubles.isDue("/i/a.tar", file("1"))).toBe(true);
  const since = troubles.since();
  expect(since).toBeDefined();
  for (let times = 0; times < 8; times += 1) fail();
  expect(troubles.since()).toBe(since);
  now += 140_000;
  expect(troubles.isDue("/i/a.tar", file("1"))).toBe(false);
  now += 160_000;
  expect(troubles.isDue("/i/a.tar", file("1"))).toBe(true);
  troubles.worked("/i/a.tar");
  expect(troubles.complaint()).toBeUndefined();
});
