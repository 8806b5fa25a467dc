// The harness itself: machines of every root come up, see each other only, and leave nothing behind.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { hostHierarchies, listGroups, sandboxOfGroup } from "../../../src/sandbox/cgroups.ts";
import { listSandboxes } from "../../../src/sandbox/list-sandboxes.ts";
import { removeSandbox, removeStaleSandboxes } from "../../../src/sandbox/remove-sandbox.ts";
import { removeTree } from "../../../src/os/removal.ts";
import { withMachine, withNetwork } from "../../harness/with-machine.ts";

describe("a machine", () => {
  for (const root of ["debian", "busybox", "host"] as const) {
    test(`with root ${root} runs programs under a first process of its own`, async () => {
      await withMachine({ root, name: "box" }, async (machine) => {
        expect(await machine.ok(["hostname"])).toBe("box\n");
        expect(await machine.ok(["cat"], { input: "typed" })).toBe("typed");
        expect((await machine.sh("exit 3")).code).toBe(3);
        expect((await machine.sh("kill -TERM $$")).code).toBe(143);
        expect((await machine.exec(["no-such-program"])).code).toBe(127);
        expect(await machine.ok(["cat", "/proc/1/cmdline"])).toStartWith("k0s-sandbox: box");
      });
    });
  }

  test("reaps orphans", async () => {
    await withMachine({}, async (machine) => {
      await machine.ok(["/bin/sh", "-c", "(sleep 0.05 &)"]);
      const processes = (): Promise<string> => machine.ok(["ps", "-eo", "stat=,comm="]);
      await machine.waitFor("the orphan's end", async () => !(await processes()).includes("sleep"));
    });
  });

  test("has binds, small and read-only file systems as asked for", async () => {
    const options = {
      k0s: import.meta.path,
      small: [{ target: "/var/lib/k0s", size: "1m" }],
      readOnly: ["/srv/data"],
    };
    await withMachine(options, async (machine) => {
      expect(await machine.ok(["cat", "/usr/local/bin/k0s"])).toBe(readFileSync(import.meta.path, "utf8"));
      expect((await machine.sh("echo >/usr/local/bin/k0s")).stderr).toContain("Read-only");
      expect((await machine.sh("mkdir /srv/data/x")).stderr).toContain("Read-only");
      expect((await machine.sh("head -c 2000000 /dev/zero >/var/lib/k0s/big")).stderr).toContain("No space");
    });
  });

  test("keeps its disk over a reboot, and nothing else", async () => {
    await withMachine({}, async (machine) => {
      const sleeper = machine.spawn(["sleep", "60"]);
      await machine.ok(["/bin/sh", "-c", "echo 1 >/var/lib/kept; echo 2 >/etc/kept; echo 3 >/run/lost"]);
      const { address } = machine;
      await machine.reboot();
      expect(await sleeper.exited).not.toBe(0);
      expect(machine.address).toBe(address);
      expect(await machine.ok(["cat", "/var/lib/kept", "/etc/kept"])).toBe("1\n2\n");
      expect((await machine.exec(["cat", "/run/lost"])).code).toBe(1);
    });
  });

  test("a program that takes too long is killed with all it has started", async () => {
    await withMachine({}, async (machine) => {
      const slow = machine.sh("sleep 61 & sleep 60; true", { timeoutMs: 300 });
      expect(String(await slow.catch((err: unknown) => err))).toContain("within 300 ms");
      await machine.waitFor("its end", async () => !(await machine.ok(["ps", "ax"])).includes("sleep 6"));
    });
  });
});

describe("a network", () => {
  test("machines reach each other and nothing else", async () => {
    await withNetwork(async (network) => {
      const [one, two] = await Promise.all([
        network.machine({ name: "one" }),
        network.machine({ name: "two", root: "busybox" }),
      ]);
      await one.ok(["ping", "-c1", "-W2", two.address]);
      await two.ok(["ping", "-c1", "-W", "2", one.address]);
      expect(await one.ok(["ip", "route"])).not.toContain("default");
      expect((await one.sh("ping -c1 -W1 192.0.2.1")).stderr).toContain("unreachable");
    });
  });

  test("a machine without routes has none", async () => {
    await withMachine({ noRoutes: true }, async (machine) => {
      expect(await machine.ok(["ip", "-4", "route"])).toBe("");
      expect(await machine.ok(["ip", "-4", "-o", "addr", "show", "eth0"])).toContain(machine.address);
    });
  });
});

const harness = join(import.meta.dir, "../../harness/test-machine.ts");
const library = join(import.meta.dir, "../../../src/sandbox/sandbox.ts");

describe("when the process that made machines is killed", () => {
  test("nothing of a test is left", async () => {
    const name = await killedAfter(`
      const { startNetwork } = await import(${JSON.stringify(harness)});
      const network = await startNetwork();
      const machine = await network.machine({ name: "doomed" });
      machine.spawn(["sleep", String(1_000_000 + process.pid)]);
      await machine.ok(["mkdir", "-p", "/sys/fs/cgroup/memory/deep/er"]);
      console.log(network.sandbox.name);
    `);
    await expectNothing(name);
  });

  test("nothing of a sandbox that was not complete is left", async () => {
    const name = await killedAfter(`
      const { openSandbox } = await import(${JSON.stringify(library)});
      const sandbox = await openSandbox({ name: "t-" + process.pid });
      await sandbox.createMachine({ name: "a", root: { kind: "host" } });
      console.log(sandbox.name);
    `);
    await expectNothing(name);
  });

  test("a complete sandbox goes on until it is removed", async () => {
    const name = await killedAfter(`
      const { openSandbox } = await import(${JSON.stringify(library)});
      const sandbox = await openSandbox({ name: "t-" + process.pid });
      await sandbox.createMachine({ name: "a", root: { kind: "host" } });
      await sandbox.complete();
      await sandbox.createMachine({ name: "b", root: { kind: "host" } });
      console.log(sandbox.name);
    `);
    try {
      await Bun.sleep(200);
      expect(await removeStaleSandboxes()).not.toContain(name);
      const [report] = (await listSandboxes()).reports.filter((one) => one.name === name);
      expect(report?.machines.map((machine) => machine.running)).toEqual([true, true]);
    } finally {
      await removeSandbox(name);
    }
    await expectNothing(name);
  });
});

describe("what belongs to a sandbox", () => {
  test("is not what a process says of itself: neither proof nor path", async () => {
    const base = await mkdtemp(join(tmpdir(), "k0s-marks-"));
    const victim = join(base, "victim");
    await mkdir(victim);
    const name = `t-${process.pid}`;
    await writeFile(join(victim, "kept"), "");
    // The second one is an operator's shell: the name is that of the sandbox which is removed.
    const marked = [`../../..${victim}`, name].map((mark) =>
      Bun.spawn(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "300"], {
        env: { PATH: process.env["PATH"] ?? "", K0S_SANDBOX: mark },
      }),
    );
    try {
      await Bun.sleep(100);
      await removeStaleSandboxes();
      await removeSandbox(name);
      expect(removeSandbox(`../../..${victim}`)).rejects.toThrow("is no name for a sandbox");
      expect(marked.map((one) => one.exitCode ?? one.signalCode)).toEqual([null, null]);
      expect(existsSync(join(victim, "kept"))).toBe(true);
    } finally {
      for (const one of marked) one.kill();
      await rm(base, { recursive: true, force: true });
    }
  });

  for (const lost of ["state", "state and disks"]) {
    test(`is found again without its ${lost}`, async () => {
      const name = await killedAfter(`
        const { openSandbox } = await import(${JSON.stringify(library)});
        const sandbox = await openSandbox({ name: "t-" + process.pid });
        await sandbox.createMachine({ name: "a", root: { kind: "host" } });
        await sandbox.complete();
        console.log(sandbox.name);
      `);
      try {
        const machines = groupsOf(name);
        expect(machines).not.toEqual([]);
        if (lost !== "state") await rename(`/var/lib/k0s-sandbox/${name}`, `/var/lib/k0s-sandbox/${name}~`);
        await rm(`/run/k0s-sandbox/${name}`, { recursive: true });
        // From now on a test beside this one that opens a sandbox removes it, too: it need not be us.
        await removeStaleSandboxes();
        await expectNothing(name);
      } finally {
        await removeSandbox(name);
        await removeTree(`/var/lib/k0s-sandbox/${name}~`);
      }
    });
  }
});

/** Runs the script in a process of its own, kills it after its first line, and returns that line. */
async function killedAfter(script: string): Promise<string> {
  const owner = Bun.spawn([process.execPath, "-e", `${script}; await Bun.sleep(60000);`], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let line = "";
  for await (const chunk of owner.stdout) {
    line += new TextDecoder().decode(chunk);
    if (line.endsWith("\n")) break;
  }
  owner.kill("SIGKILL");
  await owner.exited;
  return line.trim();
}

async function expectNothing(name: string): Promise<void> {
  expect(name).toStartWith("t-");
  const deadline = Date.now() + 60_000;
  while (remains(name).length > 0 && Date.now() < deadline) await Bun.sleep(20);
  expect(remains(name)).toEqual([]);
}

function remains(name: string): string[] {
  const dirs = [`/run/k0s-sandbox/${name}`, `/var/lib/k0s-sandbox/${name}`].filter((path) =>
    existsSync(path),
  );
  // The number of the process that made the sandbox is in its name.
  const sleeper = `sleep\x00${1_000_000 + Number(name.split("-")[1])}\0`;
  const processes = readdirSync("/proc").filter((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return /^\d+$/.test(pid) && (environment.includes(`K0S_SANDBOX=${name}\0`) || command === sleeper);
    } catch {
      return false;
    }
  });
  return [...dirs, ...groupsOf(name), ...processes];
}

function groupsOf(name: string): string[] {
  return listGroups(hostHierarchies()).filter((group) => sandboxOfGroup(group) === name);
}
