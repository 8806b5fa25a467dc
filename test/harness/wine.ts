// Programs for Windows, run by Debian's wine: no Windows, but its file names, its processes and its consoles.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePackages } from "../../build/components/debian-packages.ts";
import { run, type RunOptions, type RunResult } from "../../src/os/exec.ts";

const program = "/usr/lib/wine/wine64";

/** Bun and Go take their random numbers from a library that this wine does not have. */
const randomNumbers = `
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, (ULONG)size); }
`;

export interface Wine extends AsyncDisposable {
  /** What Windows calls C:\\. */
  readonly drive: string;
  run(file: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export async function startWine(): Promise<Wine> {
  await ensurePackages(["wine64", "gcc-mingw-w64-x86-64-win32"], "amd64");
  const home = await mkdtemp(join(tmpdir(), "k0s-wine-"));
  const prefix = join(home, "prefix");
  const drive = join(prefix, "drive_c");
  const env = { PATH: "/usr/bin:/bin", HOME: home, WINEPREFIX: prefix, WINEDEBUG: "-all" };
  const wine = (file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    // On its own drive: elsewhere a program would find the directories of this host, such as /proc.
    run(program, [file, ...args], {
      timeoutMs: 300_000,
      cwd: drive,
      ...options,
      env: { ...env, ...options.env },
    });
  const end = async (): Promise<void> => {
    // All programs of this prefix, and what serves them.
    await run("/usr/lib/wine/wineserver64", ["-k"], { env, timeoutMs: 60_000 });
    await rm(home, { recursive: true, force: true });
  };
  try {
    await mkdir(drive, { recursive: true });
    // The first one makes the prefix. It waits: with the last program wine's service manager ends, and one that begins meanwhile
    // starts a second manager, which knows nothing of the first one's services.
    // words: it only waits
    Bun.spawn([program, "cmd.exe"], { env, cwd: drive, stdin: "pipe", stdout: "ignore", stderr: "ignore" });
    await wine("cmd.exe", ["/c", "exit"]);
    await mkdir(join(drive, "k0s"), { recursive: true });
    const library = join(drive, "windows", "system32", "bcryptprimitives.dll");
    const compile = ["-shared", "-O2", "-s", "-x", "c", "-o", library, "-", "-ladvapi32"];
    const made = await run("x86_64-w64-mingw32-gcc", compile, { input: randomNumbers, timeoutMs: 60_000 });
    if (made.code !== 0) throw new Error(`the library for wine does not compile:\n${made.stderr}`);
  } catch (err) {
    await end();
    throw err;
  }
  return { drive, run: wine, [Symbol.asyncDispose]: end };
}
