import { expect, test } from "bun:test";
import { isRunning } from "../os/processes.ts";
import { endManagedProcesses, findManagedProcesses } from "./managed-processes.ts";

const binDir = "/nowhere/k0s-test-bin";

function start(env: Record<string, string>, ...wrapper: string[]): Bun.Subprocess {
  return Bun.spawn([...wrapper, "/bin/sh", "-c", "exec sleep 30"], {
    env,
    stdio: ["ignore", "ignore", "ignore"],
  });
}

test("only what we started from this data directory, in this pid namespace, is found and ended", async () => {
  const path = `${binDir}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const ours = start({ _K0S_MANAGED: "yes", PATH: path });
  const others = [
    start({ PATH: path }),
    start({ _K0S_MANAGED: "yes", PATH: `${binDir}2:/bin:/usr/bin` }),
    start({ _K0S_MANAGED: "yes", PATH: `/bin:/usr/bin:${binDir}` }),
  ];
  const inside = Bun.spawn(["unshare", "--pid", "--fork", "--kill-child", "/bin/sh", "-c", "exec sleep 30"], {
    env: { _K0S_MANAGED: "yes", PATH: path },
    stdio: ["ignore", "ignore", "ignore"],
  });
  try {
    await Bun.sleep(50);
    const found = (await findManagedProcesses(binDir)).map(({ pid }) => pid);
    expect(found).toContain(ours.pid);
    for (const { pid } of others) expect(found).not.toContain(pid);
    // unshare itself is here, but its child has a namespace of its own.
    expect(found).toContain(inside.pid);
    const ended = await endManagedProcesses(binDir, { timeoutMs: 200 });
    await Promise.all([ours.exited, inside.exited]);
    for (const info of ended) expect(await isRunning(info)).toBe(false);
    expect(others.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null)).toBe(true);
    expect(await findManagedProcesses(binDir)).toEqual([]);
  } finally {
    for (const child of [ours, inside, ...others]) child.kill("SIGKILL");
    await Promise.all([ours, inside, ...others].map((child) => child.exited));
  }
});
