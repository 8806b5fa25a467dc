// Waits until no process runs a program from below /var/lib/k0s or /run/k0s, but those of pods.

import { listProcesses, processExecutable } from "../../src/os/processes.ts";
import { pollUntil } from "../../src/std/wait.ts";

async function left(): Promise<number> {
  let count = 0;
  for (const { pid, comm } of await listProcesses()) {
    if (pid === 1 || comm.startsWith("containerd-shim")) continue;
    const executable = await processExecutable(pid);
    if (executable?.startsWith("/var/lib/k0s/bin/") === true) count++;
  }
  return count;
}

await pollUntil(async () => (await left()) === 0, {
  what: "the end of every process",
  intervalMs: 10,
  timeoutMs: 60_000,
});
console.log(JSON.stringify({ at: Date.now() }));
