// `k0s reset` on a machine that is full of what a node leaves: all of it goes, nothing of others does, twice is fine.

import { expect, test } from "bun:test";
import { withMachine } from "../../harness/with-machine.ts";
import { checkOthers, listLeftovers, makeLeftovers, removeOthers, writeRecord } from "./leftovers.ts";

test("everything of ours goes, everything of others stays", async () => {
  await withMachine({ root: "debian" }, async (machine) => {
    await machine.ok(["/bin/sh", "-c", makeLeftovers]);
    machine.spawn([
      "/bin/sh",
      "-c",
      "_K0S_MANAGED=yes PATH=/var/lib/k0s/bin:$PATH exec /var/lib/k0s/bin/sleep 1001",
    ]);
    // A process that ignores SIGTERM, in a pod's control group.
    machine.spawn([
      "/bin/sh",
      "-c",
      "echo $$ >/sys/fs/cgroup/memory/kubepods/burstable/podx/c/cgroup.procs; trap '' TERM; sleep 1002",
    ]);
    await machine.waitFor("the processes", async () => {
      const processes = await machine.ok(["ps", "ax", "-o", "args="]);
      return processes.includes("bin/sleep 1001\n") && processes.includes("\nsleep 1002\n");
    });

    const plan = await machine.ok(["k0s", "reset", "--dry-run"]);
    expect(plan).toContain("3 processes");
    expect(plan).toContain("3 links");
    expect(plan).toContain("1 nft table,");
    expect(plan).toContain("Left alone:  nft table inet mine");
    expect((await machine.sh("ip link show kube-bridge")).code).toBe(0);

    const output = await machine.ok(["k0s", "reset", "-y"]);
    expect(output).toMatch(/✔ removed in .* s; nothing of k0s is left, no reboot needed/);
    expect(await machine.ok(["/bin/sh", "-c", listLeftovers])).toBe("");
    await machine.ok(["/bin/sh", "-c", checkOthers]);
    expect(await machine.ok(["k0s", "reset", "-y"])).toContain("Will remove: ");
  });
}, 300_000);

const lockIsFree = "cd /run/k0s && [ -e k0s.yaml.lock ] || exit 0; flock -n k0s.yaml.lock true";

test("a reset that is killed at whatever moment is finished by the next one", async () => {
  await withMachine({ root: "debian" }, async (machine) => {
    await machine.ok(["/bin/sh", "-c", makeLeftovers]);
    const started = performance.now();
    await machine.ok(["k0s", "reset", "-y"]);
    const whole = (performance.now() - started) / 1000;
    for (const share of [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9]) {
      await machine.ok(["/bin/sh", "-c", removeOthers]);
      await machine.ok(["/bin/sh", "-c", makeLeftovers]);
      await machine.sh(`timeout -s KILL ${(whole * share).toFixed(3)} k0s reset -y`);
      // `timeout` dies with it, and does not wait until it has let go of its lock.
      await machine.waitFor("the end of it", async () => (await machine.sh(lockIsFree)).code === 0);
      await machine.ok(["k0s", "reset", "-y"]);
      expect([share, await machine.ok(["/bin/sh", "-c", listLeftovers])]).toEqual([share, ""]);
      await machine.ok(["/bin/sh", "-c", checkOthers]);
    }
  });
}, 400_000);

test("a data directory that is a mount point is emptied and stays", async () => {
  await withMachine(
    { root: "debian", small: [{ target: "/var/lib/k0s", size: "400m" }] },
    async (machine) => {
      await machine.ok([
        "/bin/sh",
        "-c",
        `mkdir -p /var/lib/k0s/pki; echo x >/var/lib/k0s/pki/ca.key; ${writeRecord}`,
      ]);
      expect(await machine.ok(["k0s", "reset", "-y"])).toContain("the content of /var/lib/k0s");
      expect(
        await machine.ok(["/bin/sh", "-c", "ls -A /var/lib/k0s; grep -c ' /var/lib/k0s ' /proc/self/mounts"]),
      ).toBe("1\n");
    },
  );
}, 300_000);

test("not as anybody but root", async () => {
  await withMachine({ root: "debian" }, async (machine) => {
    const result = await machine.sh("setpriv --reuid 65534 --regid 65534 --clear-groups k0s reset");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("Error: this command must be run as root");
  });
}, 300_000);
