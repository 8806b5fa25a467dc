import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../os/processes.ts";
import { endManagedProcesses, findManagedProcesses, findMarkedProcesses } from "./managed-processes.ts";

let dir = "";
let binDir = "";

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-managed-")));
  binDir = join(dir, "bin");
  for (const name of ["bin", "bin2"]) {
    mkdirSync(join(dir, name));
    copyFileSync("/bin/sleep", join(dir, name, "sleep"));
  }
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = (env: Record<string, string>, ...command: string[]): Bun.Subprocess =>
  Bun.spawn(command, { env, stdio: ["ignore", "ignore", "ignore"] });

test("only our programs from this data directory, in this pid namespace, are found and ended", async () => {
  const PATH = `${binDir}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const marked = { _K0S_MANAGED: "yes", PATH };
  const sleep = join(binDir, "sleep");
  const ours = [
    start(marked, sleep, "30"),
    // containerd puts another directory in front of PATH for its shims.
    start({ ...marked, PATH: `/other:${PATH}` }, sleep, "30"),
  ];
  const daemonOfAPod = start(marked, "/bin/sleep", "30");
  const others = [
    start({ PATH }, sleep, "30"),
    start({ ...marked, PATH: `${binDir}2:/bin` }, join(dir, "bin2", "sleep"), "30"),
    start({ ...marked, PATH: `/bin:/usr/bin:${binDir}` }, "/bin/sleep", "30"),
    start(marked, "unshare", "--pid", "--fork", "--kill-child", sleep, "30"),
  ];
  const all = [...ours, daemonOfAPod, ...others];
  try {
    await Bun.sleep(50);
    const pidsOf = (processes: readonly { pid: number }[]) =>
      processes.map(({ pid }) => pid).toSorted((a, b) => a - b);
    expect(pidsOf(await findManagedProcesses(binDir))).toEqual(pidsOf(ours));
    const inherited = (await findMarkedProcesses(binDir)).filter(({ own }) => !own);
    expect(pidsOf(inherited)).toContain(daemonOfAPod.pid);

    const ended = await endManagedProcesses(binDir, { timeoutMs: 200 });
    await Promise.all(ours.map((child) => child.exited));
    for (const info of ended) expect(await isRunning(info)).toBe(false);
    const survivors = [daemonOfAPod, ...others];
    expect(survivors.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null)).toBe(
      true,
    );
    expect(await findManagedProcesses(binDir)).toEqual([]);
  } finally {
    for (const child of all) child.kill("SIGKILL");
    await Promise.all(all.map((child) => child.exited));
  }
});
