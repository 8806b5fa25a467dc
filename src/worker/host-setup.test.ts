import { expect, test } from "bun:test";
import { silentLogger } from "../std/logfmt.ts";
import { prepareKernel, workerSysctlFloors } from "./host-setup.ts";

test("limits are raised, never lowered, and a kernel without them is no failure", async () => {
  const kernel: Record<string, string> = {
    "fs.inotify.max_user_instances": "128",
    "fs.inotify.max_user_watches": "9999999",
  };
  const prepare = () =>
    prepareKernel(
      {
        loadModule: () => Promise.resolve(),
        readSysctl: (name) => Promise.resolve(kernel[name]),
        writeSysctl: (name, value) => Promise.resolve(void (kernel[name] = value)),
      },
      silentLogger(),
      new AbortController().signal,
    );
  await prepare();
  expect(kernel["fs.inotify.max_user_instances"]).toBe(
    String(workerSysctlFloors["fs.inotify.max_user_instances"]),
  );
  expect(kernel["fs.inotify.max_user_watches"]).toBe("9999999");
  delete kernel["fs.inotify.max_user_watches"];
  await prepare();
  expect(kernel["fs.inotify.max_user_watches"]).toBeUndefined();
});
