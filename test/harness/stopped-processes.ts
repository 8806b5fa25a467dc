// Processes that stand still while a test looks at, or moves, what they work with.

import type { TestMachine } from "./test-machine.ts";

/** States of threads that still run, one a line; fails if there are no such processes. */
const statesOfRunning = (selector: string): string => `
set -e
pids=$(pgrep ${selector})
for pid in $pids; do cat /proc/$pid/task/*/stat; done | sed 's/.*) //; s/ .*//; /^[TZX]$/d'`;

/**
 * Sends SIGSTOP to what pgrep selects, e.g. `-x kine`, and waits until every thread has stopped: one inside of a system
 * call first finishes it. `continueAll` lets them go on.
 */
export async function stopAll(machine: TestMachine, selector: string): Promise<void> {
  await machine.waitFor(`no running thread of ${selector}`, async () => {
    // Each time: a process may have started another one after the list was made.
    await machine.ok(["/bin/sh", "-c", `pkill -STOP ${selector}`]);
    await Bun.sleep(200);
    if ((await machine.ok(["/bin/sh", "-c", statesOfRunning(selector)])).trim() === "") return true;
    // One that waits for its child's exec does not stop as long as the child stands still.
    await continueAll(machine, selector);
    return false;
  });
}

export async function continueAll(machine: TestMachine, selector: string): Promise<void> {
  await machine.ok(["/bin/sh", "-c", `pkill -CONT ${selector}`]);
}
