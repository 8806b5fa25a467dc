import { expect, test } from "bun:test";
import { sleepText, unendingProcess } from "./unending-process.ts";

test("of several threads the one that the kernel holds is named, not the first, which has ended", () => {
  const threads = [
    { comm: "kubelet", state: "Z" },
    { comm: "kubelet", state: "D", wchan: "nfs_wait_bit_killable" },
  ];
  expect(sleepText(threads)).toBe(
    "it waits in the kernel and cannot be interrupted (state D, in nfs_wait_bit_killable)",
  );
  expect(sleepText([{ comm: "etcd", state: "D" }])).toBe(
    "it waits in the kernel and cannot be interrupted (state D)",
  );
  expect(sleepText([{ comm: "etcd", state: "R" }])).toBe("its state is R");
  expect(sleepText([])).toBe("it is going just now");
});

test("what a process does is read from the kernel", async () => {
  const sleeper = Bun.spawn(["/bin/sleep", "60"]);
  try {
    await Bun.sleep(50);
    const said = await unendingProcess("etcd", sleeper.pid, 10_000);
    expect(said.message).toMatch(
      new RegExp(`^etcd \\(pid ${sleeper.pid}\\) has not ended 10s after SIGKILL: its state is S`),
    );
    expect(said.hint).toContain("dmesg");
  } finally {
    sleeper.kill("SIGKILL");
    await sleeper.exited;
  }
  expect((await unendingProcess("etcd", 2 ** 22 + 1, 1_000)).message).toContain("it is going just now");
});
