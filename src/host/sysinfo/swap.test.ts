import { expect, test } from "bun:test";
import { everyRole, outcome } from "./testdata/made-host.ts";

const heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
const withSwap = (device: string, kernelRelease = "6.1.0-13-amd64") => ({
  kernelRelease,
  files: { "/proc/swaps": `${heading}${device}    partition\t1048576\t\t0\t\t-2\n` },
});

test("swap on disk under a kernel that may put Secrets there", async () => {
  expect(await outcome("swap")).toBe("pass off");
  expect(await outcome("swap", withSwap("/dev/sda5"))).toBe("warning /dev/sda5 (1.0 GiB) on");
  expect(await outcome("swap", withSwap("/dev/sda5", "6.3.0"))).toBe("pass /dev/sda5 (1.0 GiB)");
  expect(await outcome("swap", withSwap("/dev/zram0"))).toStartWith("pass");
  expect(await outcome("swap", withSwap("/dev/sda5"), { ...everyRole, worker: false })).toBeUndefined();
});
