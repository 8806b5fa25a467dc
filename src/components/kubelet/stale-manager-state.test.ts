import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { dropStaleKubeletState, staleBecause } from "./stale-manager-state.ts";

const state = (policyName: string, more: object = {}): string =>
  JSON.stringify({ policyName, defaultCpuSet: "", checksum: 1, ...more });

test("another policy ends kubelet, the same one does not", () => {
  expect(staleBecause(state("none"), "static", "0-3")).toBe("the policy was none and is static now");
  expect(staleBecause(state("static", { defaultCpuSet: "0-3" }), "none", "0-3")).toContain("was static");
  expect(staleBecause(state("none"), "none", "0-3")).toBeUndefined();
  // Of the memory manager, which has no processors.
  expect(
    staleBecause(JSON.stringify({ policyName: "Static", machineState: {} }), "Static", "0-3"),
  ).toBeUndefined();
});

test("other processors end the static policy", () => {
  const assigned = { defaultCpuSet: "0,3", entries: { pod: { web: "1-2" } } };
  expect(staleBecause(state("static", assigned), "static", "0-3")).toBeUndefined();
  expect(staleBecause(state("static", assigned), "static", "0-7")).toBe(
    "it knows the processors 0,1,2,3, and there are 0-7 now",
  );
  expect(staleBecause(state("static", assigned), "static", "0-1")).toBeString();
});

test("what cannot be understood is left to kubelet", () => {
  for (const text of ["", "{", "[]", "{}"]) expect(staleBecause(text, "static", "0-3")).toBeUndefined();
});

test("the file goes when the profile or a flag asks for another policy", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-kubelet-"));
  const [cpu, memory] = [join(dir, "cpu_manager_state"), join(dir, "memory_manager_state")];
  const drop = (profile: object, extraArgs: Record<string, string> = {}) =>
    dropStaleKubeletState(dir, { profile: { ...profile }, extraArgs }, silentLog);
  try {
    writeFileSync(cpu, state("none"));
    writeFileSync(memory, JSON.stringify({ policyName: "None" }));
    await drop({});
    expect([existsSync(cpu), existsSync(memory)]).toEqual([true, true]);
    await drop({ memoryManagerPolicy: "Static" });
    expect([existsSync(cpu), existsSync(memory)]).toEqual([true, false]);
    await drop({}, { "cpu-manager-policy": "static" });
    expect(existsSync(cpu)).toBe(false);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
