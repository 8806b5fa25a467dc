import { expect, test } from "bun:test";
import type { PkiStep } from "../../pki/plan-steps.ts";
import { pollUntil } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { certificateRenewal, checkInterval, componentsToRestart } from "./renewal.ts";

const renewed = (...names: readonly string[]): PkiStep[] =>
  names.map((name) => ({
    action: "issue-leaf",
    reason: "ages",
    spec: {
      kind: "leaf",
      base: `/var/lib/k0s/pki/${name}`,
      ca: "/var/lib/k0s/pki/ca",
      cn: name,
      organizations: [],
      sans: [],
      expiresMs: 1,
      keyType: "p256",
      owner: { uid: 0, gid: 0 },
    },
  }));

const readersOnce = new Map([
  ["first", ["one"]],
  ["second", ["one", "other"]],
]);

test("only those that read a certificate once are started anew, each once", () => {
  expect(componentsToRestart(renewed("admin", "first"), readersOnce)).toEqual(["one"]);
  expect(componentsToRestart(renewed("first", "second"), readersOnce)).toEqual(["one", "other"]);
  expect(componentsToRestart([{ action: "keep", base: "/var/lib/k0s/pki/first" }], readersOnce)).toEqual([]);
});

test("looks often enough for short lives, hourly for long ones", () => {
  expect(checkInterval(8760 * 3_600_000)).toBe(3_600_000);
  expect(checkInterval(3_600_000)).toBe(72_000);
  expect(checkInterval(60_000)).toBe(10_000);
});

test("what went wrong is tried again, and a restart that failed is not forgotten", async () => {
  let looks = 0;
  const restarts: string[] = [];
  const component = certificateRenewal({
    renew: async () => {
      looks++;
      if (looks === 1) throw new Error("the clock says 1970");
      return looks === 2 ? renewed("first") : [];
    },
    readersOnce,
    restart: async (name) => {
      restarts.push(name);
      if (restarts.length === 1) throw new Error("not now");
    },
    lifetimeMs: 1,
    intervalMs: 5,
    log: silentLog,
  });
  const { signal } = new AbortController();
  await component.start(signal);
  await pollUntil(() => looks >= 1, { what: "the first look", intervalMs: 1, timeoutMs: 5_000 });
  await pollUntil(() => restarts.length === 2, {
    what: "the second restart",
    intervalMs: 1,
    timeoutMs: 5_000,
  });
  await pollUntil(() => looks >= 5, { what: "more looks", intervalMs: 1, timeoutMs: 5_000 });
  expect(restarts).toEqual(["one", "one"]);
  await component.health?.(signal);
  await component.stop();
});
