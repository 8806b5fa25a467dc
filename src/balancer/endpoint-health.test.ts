import { expect, test } from "bun:test";
import { checkEndpoint, type EndpointChecks, type Finding } from "./endpoint-health.ts";

const timing = { slowMs: 20, silentMs: 80, reachMs: 40 };
const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("no answer"))));
const after = async (ms: number): Promise<void> => Bun.sleep(ms);
const reachable = async (): Promise<void> => undefined;

async function look(checks: Partial<EndpointChecks>): Promise<Finding & { readonly told: number }> {
  let told = 0;
  const finding = await checkEndpoint(
    "a:1",
    { probe: reachable, reach: reachable, ...checks },
    { timing, signal: new AbortController().signal, onSlow: () => void (told += 1) },
  );
  return { ...finding, told };
}

test("who answers in time is well", async () => {
  expect(await look({})).toEqual({ health: "well", why: "", told: 0 });
});

test("who answers late is slow, and that is told before the answer", async () => {
  expect(await look({ probe: () => after(50) })).toMatchObject({ health: "slow", told: 1 });
});

test("who takes connections and never answers is silent, not down", async () => {
  expect(await look({ probe: (_, signal) => never(signal) })).toMatchObject({ health: "silent", told: 1 });
});

test("who answers with an error is not ready, early or late", async () => {
  const refuse = async (ms: number): Promise<never> => {
    await after(ms);
    throw new Error("etcd failed");
  };
  expect(await look({ probe: () => refuse(0) })).toMatchObject({ health: "not ready", why: "etcd failed" });
  expect(await look({ probe: () => refuse(50) })).toMatchObject({ health: "not ready", why: "etcd failed" });
});

test("a connection that is refused, or gets no answer, is the only proof of death", async () => {
  const refused = async (): Promise<never> => {
    throw new Error("ECONNREFUSED");
  };
  expect(await look({ probe: refused, reach: refused })).toMatchObject({
    health: "down",
    why: "ECONNREFUSED",
  });
  const hanging = (_: string, signal: AbortSignal): Promise<never> => never(signal);
  expect(await look({ probe: hanging, reach: hanging })).toMatchObject({ health: "down", why: "no answer" });
  // The connection on which it was asked has ended, and that is all.
  expect(await look({ probe: refused })).toMatchObject({ health: "not ready" });
});

test("a look that is stopped ends at once", async () => {
  const stop = new AbortController();
  const options = { timing: { slowMs: 60_000, silentMs: 90_000, reachMs: 60_000 }, onSlow: () => undefined };
  const checks = { probe: (_: string, signal: AbortSignal) => never(signal), reach: reachable };
  const looking = checkEndpoint("a:1", checks, { ...options, signal: stop.signal });
  stop.abort(new Error("stopping"));
  expect(looking).rejects.toThrow("stopping");
  await Promise.allSettled([looking]);
});
