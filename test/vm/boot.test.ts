// Each system boots, with a kernel of its own, on cgroup v2 where its distribution has that; and again after a reboot and a power cut.

import { expect, test } from "bun:test";
import type { SystemName } from "../harness/vm/systems.ts";
import { VirtualMachine } from "../harness/vm/virtual-machine.ts";

const systems: readonly { readonly name: SystemName; readonly first: string; readonly groups: string }[] = [
  { name: "systemd", first: "systemd", groups: "cgroup2" },
  { name: "openrc", first: "init", groups: "tmpfs" },
  { name: "minimal", first: "init", groups: "cgroup2" },
];

test.each(systems)("$name", async ({ name, first, groups }) => {
  await using machine = await VirtualMachine.start({
    system: name,
    files: [{ source: import.meta.path, target: "/srv/a file", mode: 0o640 }],
  });
  expect(await machine.ok("cat /proc/1/comm")).toBe(`${first}\n`);
  expect(await machine.ok("cat '/srv/a file'")).toBe(await Bun.file(import.meta.path).text());
  expect(await machine.ok("awk '$2 == \"/sys/fs/cgroup\" { print $3 }' /proc/mounts")).toBe(`${groups}\n`);
  // In systemd's case the network comes later than the agent.
  await machine.waitFor("its address", () => machine.ok("ip -4 addr show eth0 | grep -o 10.0.2.15"));
  // What the kernel of a test host may lack.
  for (const module of ["ip_vs", "wireguard", "ipip", "dummy"]) await machine.ok(`modprobe ${module}`);
  await machine.ok("echo kept >/srv/kept; sync; echo lost >/srv/lost");
  await machine.cutPower();
  await machine.boot();
  expect(await machine.ok("cat /srv/kept")).toBe("kept\n");
  expect((await machine.sh("test -s /srv/lost")).code).toBe(1);
  await machine.ok("echo kept >/srv/lost");
  await machine.reboot();
  expect(await machine.ok("cat /srv/lost")).toBe("kept\n");
});
