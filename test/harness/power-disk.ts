// A file system whose power can be cut: an ext4 of its own, which at the cut forgets all that was not on its disk yet, as the
// kernel's memory does. Programs that run on it get errors from then on. A kill does not show what this does: the kernel still has
// what a killed program wrote. The command is EXT4_IOC_SHUTDOWN without a flush of the journal, which the kernel's own tests of
// file systems use (src/godown in xfstests). A disk that loses what it has been given, against its word, is not modelled.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOrThrow } from "../../src/os/exec.ts";
import type { TestMachine } from "./test-machine.ts";

export interface PowerDisk extends AsyncDisposable {
  /** From now on nothing reaches the disk. */
  cutPower(): Promise<void>;
  /** Mounts it again, with what is left, in the machine that has been started again. */
  powerUp(): Promise<void>;
}

const shutDown = 0x8004587d;
const withoutFlush = 2;

/** Mounted at `target` in the machine; `mib` are taken as they are used. */
export async function powerDisk(machine: TestMachine, target: string, mib: number): Promise<PowerDisk> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-power-"));
  const image = join(dir, "disk");
  await runOrThrow("truncate", ["-s", `${mib}M`, image]);
  await runOrThrow("mkfs.ext4", ["-q", "-F", image]);
  const device = (await runOrThrow("losetup", ["--find", "--show", image])).trim();
  const [major, minor] = ["7", device.replace("/dev/loop", "")];
  // A machine has a /dev of its own, which is a new one after each start.
  const node = `test -b ${device} || mknod ${device} b ${major} ${minor}`;
  const mount = (): Promise<string> =>
    machine.ok(["sh", "-c", `mkdir -p ${target} && { ${node}; } && mount ${device} ${target}`]);
  await mount();
  return {
    async cutPower() {
      const program = `open(D, "<", "${target}") or die $!; ioctl(D, ${shutDown}, $flag = pack("L", ${withoutFlush})) or die $!`;
      await machine.ok(["perl", "-e", program]);
    },
    async powerUp() {
      // As long as anybody holds it, the kernel would give the dead one out again.
      await machine.waitFor("the disk", async () => {
        await mount();
        const alive = (await machine.sh(`touch ${target}/alive && rm ${target}/alive`)).code === 0;
        if (!alive) await machine.ok(["umount", target]);
        return alive;
      });
    },
    async [Symbol.asyncDispose]() {
      await machine.exec(["umount", "--lazy", target]);
      // Detached once nobody uses it any more.
      await runOrThrow("losetup", ["--detach", device]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
