import { expect, test } from "bun:test";
import { releasedAfter } from "../../product/versions.ts";
import { type Changes, everyRole, informative, outcome } from "./testdata/made-host.ts";

const at = (now: Date, synchronised?: boolean): Changes => ({ clock: () => ({ now, synchronised }) });
const day = 86_400_000;

test("a clock behind the release cannot be right, one far ahead hardly", async () => {
  expect(await outcome("clock", at(new Date(10_000)))).toBe(
    "rejected 1970-01-01T00:00:10.000Z before this release of k0s was made",
  );
  expect(await outcome("clock", at(new Date(releasedAfter.getTime() - 1)), everyRole)).toStartWith(
    "rejected",
  );
  expect(await outcome("clock", at(releasedAfter))).toStartWith("pass");
  expect(await outcome("clock", at(new Date("2099-01-01")))).toStartWith(
    "warning 2099-01-01T00:00:00.000Z more than 20 years",
  );
});

test("where k0s has run before, a clock without a battery does not keep it from starting", async () => {
  const again = { ...at(new Date(10_000)), isInstalled: async () => true };
  for (const options of [informative, everyRole])
    expect(await outcome("clock", again, options)).toBe(
      "warning 1970-01-01T00:00:10.000Z before this release of k0s was made",
    );
});

test("a clock that nothing keeps right, but not that of a container", async () => {
  const alone = at(new Date(releasedAfter.getTime() + day), false);
  expect(await outcome("clock", alone)).toEndWith("no time daemon keeps it right");
  expect(await outcome("clock", { ...alone, isInContainer: async () => true })).toStartWith("pass");
  expect(await outcome("clock", at(new Date(releasedAfter.getTime() + day), true))).toStartWith("pass");
});

test("the release is not made in the future", () => {
  expect(releasedAfter.getTime()).toBeLessThan(Date.now());
});
