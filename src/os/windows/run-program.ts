// Programs that belong to Windows, run to their end.

import { win32 } from "node:path";

export type RunProgram = (name: string, args: readonly string[]) => Promise<string>;

/** By its full path: what a PATH finds first need not be Windows' own. Returns standard output; throws with the program's words. */
export async function runProgram(name: string, args: readonly string[]): Promise<string> {
  const program = win32.join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", name);
  const child = Bun.spawn([program, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    windowsHide: true,
  });
  const { stdout, stderr, code } = await outcomeOf(child);
  if (code === 0) return stdout;
  throw new Error(`${name} ${args.join(" ")} ended with code ${code}: ${(stderr || stdout).trim()}`);
}

/** What it has said, and how it has ended. */
export async function outcomeOf(
  child: Bun.ReadableSubprocess,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> {
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}
