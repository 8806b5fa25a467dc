// `k0s install`, `start`, `stop`, `restart`, `uninstall` with real service managers, each as the first process of a PID namespace. What they
// run stands in for k0s, so that it is seen how it is called; single-node.test.ts beside this file has the real one.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ServicedMachine, type ServiceHostName } from "../../harness/serviced-machine.ts";
import { startNetwork, type TestNetwork } from "../../harness/test-machine.ts";

/** Words that a shell, an init script or its manager would take for something else. */
const hostileWords = `--x="1  2" --y='$HOME %i \\n \`id\` * ?'`;
const hostileValue = `it's 100% "so"  $HOME \\ *`;

const managers: readonly {
  readonly name: ServiceHostName;
  readonly definition: string;
  /** Starts again what was killed. */
  readonly restarts: boolean;
}[] = [
  { name: "systemd", definition: "/etc/systemd/system/k0sworker.service", restarts: true },
  { name: "OpenRC", definition: "/etc/init.d/k0sworker", restarts: true },
  { name: "runit", definition: "/etc/sv/k0sworker/run", restarts: true },
  { name: "s6", definition: "/etc/s6/sv/k0sworker/run", restarts: true },
  { name: "System V init", definition: "/etc/init.d/k0sworker", restarts: false },
];

let network: TestNetwork;

beforeAll(async () => {
  network = await startNetwork();
}, 300_000);

afterAll(async () => network.destroy(), 120_000);

for (const { name, definition, restarts } of managers) {
  describe(name, () => {
    let host: ServicedMachine;

    beforeAll(async () => {
      host = await ServicedMachine.start(network, name);
      await host.sh("mkdir -p '/etc/k0s dir'; umask 022; echo token >'/etc/k0s dir/token'");
    }, 300_000);

    const runs = (count: number) =>
      host.machine.waitFor(`start ${count} of the service`, async () => {
        const all = await host.runs();
        // All of it is there once the limit is.
        return all.length >= count && all.every(({ limit }) => limit > 0) ? all : undefined;
      });
    const ended = (pid: number) =>
      host.machine.waitFor(`the end of ${pid}`, async () =>
        (await host.runs()).some((run) => run.pid === pid && run.ended),
      );
    const refused = async (words: string, ...command: readonly string[]): Promise<void> => {
      const { code, stderr } = await host.tryK0s(...command);
      expect([command[0], code, stderr]).toEqual([command[0], 1, expect.stringContaining(words)]);
    };
    const install = ["install", "worker", "--token-file", "/etc/k0s dir/token"] as const;
    const installed = [
      ...install,
      "--kubelet-extra-args",
      hostileWords,
      "-e",
      `TEST_NOTE=${hostileValue}`,
    ] as const;

    test("what is given at the installation arrives as it is, and only at the start", async () => {
      await refused("has not been installed", "start");
      expect(await host.k0s(...installed)).toBe(
        "/etc/k0s dir/token can be read by every user of this host: chmod 600 '/etc/k0s dir/token'\nk0sworker is installed: `k0s start` starts it.\n",
      );
      await host.sh("chmod 600 '/etc/k0s dir/token'");
      expect(await host.runs()).toEqual([]);
      expect(await host.k0s("start")).toBe("");
      const [run] = await runs(1);
      expect(run?.args).toEqual([
        "worker",
        `--kubelet-extra-args=${hostileWords}`,
        "--token-file=/etc/k0s dir/token",
      ]);
      expect(run?.variables).toEqual([`TEST_NOTE=${hostileValue}`]);
      const { stdout } = await host.sh("ulimit -Hn");
      expect(run?.limit).toBe(Math.min(Number(stdout), 1_048_576));
      await refused("already running", "start");
    }, 120_000);

    test("installed again: nothing happens; with other flags, just that", async () => {
      expect(await host.k0s(...installed)).toBe("");
      const output = await host.k0s(...installed, "--profile=other");
      expect(output).toContain("The service was changed:\n");
      expect(output).toContain("--profile=other");
      expect(output).toContain("`k0s restart` makes it take effect");
      expect(await host.runs()).toHaveLength(1);
      expect(await host.k0s("restart")).toBe("");
      const [first, second] = await runs(2);
      expect(first?.ended).toBe(true);
      expect(second?.args).toContain("--profile=other");
      await refused("k0sworker is installed on this host", "install", "controller");
    }, 120_000);

    test(
      restarts ? "killed, it is started again" : "killed, it stays so, and can be started",
      async () => {
        const before = await host.runs();
        await host.sh(`kill -9 ${before.at(-1)?.pid}`);
        if (!restarts) await host.k0s("start");
        await runs(before.length + 1);
        await refused("already running", "start");
      },
      120_000,
    );

    test("edited by hand: neither changed nor removed without --force", async () => {
      await host.sh(`echo '# mine' >>${definition}`);
      const { stdout: edited } = await host.sh(`cat ${definition}`);
      await refused("was edited after k0s wrote it", ...install);
      await refused("k0sworker runs", "uninstall");
      expect((await host.sh(`cat ${definition}`)).stdout).toBe(edited);
      await host.k0s(...install, "--force");
      expect((await host.sh(`cat ${definition}`)).stdout).not.toContain("# mine");
    }, 120_000);

    test("stopped, it stays so until it is started, or the host is", async () => {
      const pid = (await host.runs()).at(-1)?.pid ?? 0;
      expect(await host.k0s("stop")).toContain(`k0s (pid ${pid}) stopped`);
      await ended(pid);
      await refused("already stopped", "stop");
      const { length } = await host.runs();
      await Bun.sleep(3_000);
      expect(await host.runs()).toHaveLength(length);
      await host.reboot();
      const after = await runs(length + 1);
      expect(after.at(-1)?.args).toEqual(["worker", "--token-file=/etc/k0s dir/token"]);
    }, 120_000);

    test("uninstalled, nothing of it is left", async () => {
      await host.k0s("stop");
      expect(await host.k0s("uninstall")).toBe("");
      const { stdout } = await host.sh(
        "find /etc /run /var/lib -name '*k0sworker*'; ps -eo args | grep -E '^(runsv|s6-supervise|supervise-daemon|/bin/sh /opt/my) ' || true",
      );
      expect(stdout).toBe("");
      await refused("has not been installed", "uninstall");
    }, 120_000);

    test("in the way of a k0s that runs by hand, it does not start", async () => {
      await host.k0s(...install);
      const { length } = await host.runs();
      await host.startByHand();
      await runs(length + 1);
      await refused("but not as the service", "start");
      await refused("but not as the service", "restart");
      await host.sh(`mv ${definition} /root/aside`);
      await refused("started by hand, and runs", "restart");
      await host.sh(`mv /root/aside ${definition}`);
      await host.k0s("stop");
      await host.k0s("uninstall");
    }, 120_000);
  });
}
