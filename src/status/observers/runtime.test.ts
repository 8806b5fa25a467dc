import { expect, test } from "bun:test";
import { runtimeTexts } from "./runtime.ts";

test("runtimes are shown where there are several, settings where they are out of date", () => {
  expect(runtimeTexts({ handlers: ["runc"], deprecations: [] })).toEqual({});
  const deprecations = [
    { id: "a", message: "Use config_path instead." },
    { id: "io.containerd.deprecation/cgroup-v1", message: "Upgrade the host." },
    { id: "b", message: "Use bin_dirs instead." },
  ];
  expect(runtimeTexts({ handlers: ["crun", "runc"], deprecations })).toEqual({
    "Container runtimes": "crun, runc",
    "Outdated settings of containerd": "Use config_path instead. Use bin_dirs instead.",
  });
});
