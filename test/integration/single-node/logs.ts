// The log of a node that no journal keeps: read, followed, by component.

import { expect, test } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

export function logTests(node: () => TestMachine): void {
  test("k0s logs shows what k0s has logged, all of it or what was asked for", async () => {
    const machine = node();
    const all = await machine.k0s("logs");
    expect(all).toContain('msg="The cluster is ready"');
    expect((await machine.k0s("logs", "k0s", "-n", "50")).split("\n").length).toBeLessThanOrEqual(51);
    expect(await machine.k0s("logs", "--since", "10m")).not.toBe("");
    expect(await machine.k0s("logs", "--since", "2100-01-01T00:00:00Z")).toBe("");
    expect((await machine.sh("k0s logs | head -n 1")).stdout).toBe(`${all.split("\n")[0]}\n`);
    const { code, stderr } = await machine.exec(["k0s", "logs", "kubelte"]);
    expect(stderr).toContain("Did you mean kubelet?");
    expect(code).toBe(1);
    expect((await machine.ok(["stat", "-c", "%a %U", "/var/lib/k0s/log"])).trim()).toBe("700 root");
  });

  test("k0s logs -f goes on across a turn of the files, until SIGINT", async () => {
    const machine = node();
    await machine.writeFile(
      "/tmp/follow",
      'k0s logs kube-scheduler -f >/tmp/followed & echo $! >/tmp/pid; wait "$!"; echo "ended with $?" >>/tmp/followed',
    );
    const following = machine.spawn(["/bin/sh", "-m", "/tmp/follow"]);
    const followed = (): Promise<string> => machine.ok(["cat", "/tmp/followed"]);
    await machine.waitFor("the first line", async () => (await machine.ok(["cat", "/tmp/pid"])).trim());
    const ends = async (): Promise<number> => (await followed()).split("Process ended by itself").length - 1;
    const killed = async (): Promise<void> => {
      const before = await ends();
      const pid = (await machine.ok(["cat", "/run/k0s/kube-scheduler.pid"])).trim();
      await machine.ok(["kill", "-9", pid]);
      await machine.waitFor("the line about it", async () => (await ends()) > before);
      await machine.waitFor("another one", async () => {
        const next = (await machine.ok(["cat", "/run/k0s/kube-scheduler.pid"])).trim();
        return next !== "" && next !== pid;
      });
    };
    await killed();
    await machine.ok(["mv", "/var/lib/k0s/log/k0s.log", "/var/lib/k0s/log/k0s.log.1"]);
    await killed();
    expect(await machine.k0s("logs", "kube-scheduler")).toContain("Process ended by itself");
    await machine.ok(["sh", "-c", "kill -INT $(cat /tmp/pid)"]);
    expect(await following.exited).toBe(0);
    expect(await followed()).toContain("ended with 130");
  });

  test("what a component logs changes while it runs, or by its restart alone", async () => {
    const machine = node();
    const info = async (component: string): Promise<number> =>
      (await machine.k0s("logs", component)).split("\n").filter((line) => /\bI\d{4} \d\d:/.test(line)).length;
    const pidOf = async (component: string): Promise<string> =>
      (await machine.ok(["cat", `/run/k0s/${component}.pid`])).trim();
    const kubelet = await pidOf("kubelet");
    expect(await info("kubelet")).toBe(0);
    await machine.k0s("logs", "level", "kubelet", "info");
    await machine.k0s("logs", "level", "kubelet", "4");
    await machine.waitFor("chatter of kubelet", async () => (await info("kubelet")) > 50);
    await machine.k0s("logs", "level", "kubelet", "default");
    expect(await pidOf("kubelet")).toBe(kubelet);

    const refused = await machine.exec(["k0s", "logs", "level", "kube-scheduler", "4"]);
    expect(refused.stderr).toContain("cannot be changed while it runs");
    expect(refused.stderr).toContain("--restart");
    const closed = await machine.exec(["k0s", "logs", "level", "kube-apiserver", "4"]);
    expect(closed.stderr).toContain("its debug endpoint is closed");
    await machine.k0s("logs", "level", "kube-scheduler", "4", "--restart");
    const commandLine = await machine.ok(["cat", `/proc/${await pidOf("kube-scheduler")}/cmdline`]);
    expect(commandLine).toContain("--v=4\0");
    await machine.waitFor("chatter of kube-scheduler", async () => (await info("kube-scheduler")) > 5);
    await machine.k0s("logs", "level", "kube-scheduler", "default", "--restart");
    const none = await machine.exec(["k0s", "logs", "level", "coredns", "info"]);
    expect(none.stderr).toContain("coredns has no process here");
  });
}
