import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { pinProcess } from "./pinned-process.ts";
import { processInfo } from "./processes.ts";

const spawnSleep = () =>
  Bun.spawn(["/bin/sleep", "60"], { detached: true, stdio: ["ignore", "ignore", "ignore"] });

test("a signal reaches the process", async () => {
  const child = spawnSleep();
  using pinned = pinProcess(child.pid);
  expect(pinned?.signal("SIGTERM")).toBe(true);
  await child.exited;
  expect(child.signalCode).toBe("SIGTERM");
});

test("after the process was collected nobody gets a signal, whoever has its number", async () => {
  const child = spawnSleep();
  using pinned = pinProcess(child.pid);
  child.kill("SIGKILL");
  await child.exited;
  expect(pinned?.signal("SIGKILL")).toBe(false);
  expect(pinned?.signal("SIGKILL", { group: true })).toBe(false);
});

test("a group gets the signal, also after its leader has ended", async () => {
  const script = "sleep 60 & echo $!; exit";
  const leader = Bun.spawn(["/bin/sh", "-c", `exec </dev/null; read x; ${script}`], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  using pinned = pinProcess(leader.pid);
  const { value } = await leader.stdout.getReader().read();
  const member = Number(new TextDecoder().decode(value));
  await leader.exited;
  expect((await processInfo(member))?.pgid).toBe(leader.pid);
  expect(pinned?.signal("SIGKILL", { group: true })).toBe(true);
  for (let state = (await processInfo(member))?.state; state !== undefined && state !== "Z";) {
    await Bun.sleep(5);
    state = (await processInfo(member))?.state;
  }
});

test("no process, nothing to hold", () => {
  expect(pinProcess(2 ** 22 + 1)).toBeUndefined();
});

test("a number that is a mere thread of a process by now is nobody's", () => {
  const threads = readdirSync("/proc/self/task").map(Number);
  const others = threads.filter((id) => id !== process.pid);
  expect(others).not.toBeEmpty();
  for (const id of others) expect(pinProcess(id)).toBeUndefined();
});

test("a closed pidfd is not used again", () => {
  const pinned = pinProcess(process.pid);
  pinned?.[Symbol.dispose]();
  expect(() => pinned?.signal("SIGCONT")).toThrow("is closed");
});
