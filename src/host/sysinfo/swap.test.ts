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

test("swap on an encrypted device, as the remedy has it", async () => {
  const uuids = {
    "/sys/block/dm-0/dm/uuid": "CRYPT-LUKS2-0123-crypt\n",
    "/sys/block/dm-1/dm/uuid": "LVM-0123\n",
    "/sys/block/dm-2/dm/uuid": "LVM-4567\n",
    "/sys/block/dm-3/dm/uuid": "CRYPT-INTEGRITY-swap\n",
  };
  const slaves = new Map([
    ["/sys/block/dm-1/slaves", ["dm-0"]],
    ["/sys/block/dm-2/slaves", ["dm-0", "sda5"]],
  ]);
  const on = (device: string) => {
    const { files, ...host } = withSwap(device);
    return outcome("swap", {
      ...host,
      files: { ...files, ...uuids },
      list: async (dir) => slaves.get(dir) ?? [],
    });
  };
  expect(await on("/dev/dm-0")).toBe("pass /dev/dm-0 (1.0 GiB)");
  expect(await on("/dev/dm-1"), "a volume on it").toBe("pass /dev/dm-1 (1.0 GiB)");
  expect(await on("/dev/dm-2"), "a volume on another disk, too").toStartWith("warning");
  expect(await on("/dev/dm-3"), "checksums alone").toStartWith("warning");
});
