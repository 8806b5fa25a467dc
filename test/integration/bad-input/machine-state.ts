// Everything that a start could have changed on a machine: files with size, mode and time of change, and processes.

import type { TestMachine } from "../../harness/test-machine.ts";

/** What has ended and waits for its parent has no arguments any more. */
const listing = `
find / \\( -path /proc -o -path /sys -o -path /dev \\) -prune -o -printf '%p %y %m %U:%G %s %T@\\n' | sort
for dir in /proc/[0-9]*; do echo "process $(cat $dir/cmdline | tr '\\0' ' ')"; done | grep -av 'process find\\|process sort\\|process cat\\|process tr\\|k0s-sandbox: \\|^process $' | sort
getent passwd
`;

/** One line a file, process and user. */
export async function machineState(machine: TestMachine): Promise<readonly string[]> {
  // Its own shell is in the list both times.
  return (await machine.ok(["sh", "-c", listing])).split("\n");
}

/** What is in one of them only, with a sign in front: readable where two lists of ten thousand lines are not. */
export function changes(before: readonly string[], after: readonly string[]): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
