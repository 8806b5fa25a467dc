// Supervised processes on Windows, which has neither signals nor process groups that anybody could signal. The k0s file stands
// between k0s and a program (launcher/child_windows.go): when its standard input ends, which also happens when k0s is killed,
// it asks the program to end, and when it is killed itself, the program ends with it. So nothing is left for a next start.

import { writeFileAtomic } from "../os/files.ts";
import { removeFile } from "../os/removal.ts";
import { errorMessage } from "../std/errors.ts";
import { processEnvironment } from "./process-environment.ts";
import type { Child, ProcessSystem } from "./process-options.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What programs of Windows look for, besides what the system gives to every process. */
const ofWindows: ReadonlySet<string> = new Set([
  "ALLUSERSPROFILE",
  "COMMONPROGRAMFILES",
  "COMPUTERNAME",
  "COMSPEC",
  "NUMBER_OF_PROCESSORS",
  "OS",
  "PATHEXT",
  "PROCESSOR_ARCHITECTURE",
  "PROGRAMDATA",
  "PROGRAMFILES",
]);

/** `launcher`: the k0s file. */
export function windowsProcesses(launcher: string): ProcessSystem {
  return {
    programSuffix: ".exe",
    spawn: (options, args) => {
      const inherited = process.env;
      const child = Bun.spawn([launcher, options.command, ...args], {
        cwd: options.cwd,
        env: {
          ...systemVariables(inherited),
          ...processEnvironment(options, withPath(inherited)),
          K0S_LAUNCHER: "run",
        },
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
        windowsHide: true,
      });
      return Object.assign(child, { signal: (signal: NodeJS.Signals) => end(child, signal) });
    },
    // They were in a job with it.
    endRemains: () => Promise.resolve(),
    endLeftOver: () => Promise.resolve(undefined),
    note: async ({ pidFile }, { pid }: Child, log) => {
      try {
        await writeFileAtomic(pidFile, `${pid}\n`);
      } catch (err) {
        log.warn("The process runs, but its pid file cannot be written", {
          pid,
          pidFile,
          err: errorMessage(err),
        });
      }
      return undefined;
    },
    forget: ({ pidFile }) => removeFile(pidFile),
  };
}

function end(child: Bun.Subprocess<"pipe", "pipe", "pipe">, signal: NodeJS.Signals): boolean {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  if (signal === "SIGKILL") child.kill("SIGKILL");
  // Others ask it to end.
  else void child.stdin.end();
  return true;
}

export function systemVariables(env: Environment): Record<string, string> {
  const found = Object.entries(env).filter(([name]) => ofWindows.has(name.toUpperCase()));
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Names of variables are the same in whatever letters: Windows itself says `Path`. */
export function withPath(env: Environment): Environment {
  const path = Object.entries(env).find(([name]) => name.toUpperCase() === "PATH")?.[1];
  const others = Object.entries(env).filter(([name]) => name.toUpperCase() !== "PATH");
  return { ...Object.fromEntries(others), ...(path === undefined ? {} : { PATH: path }) };
}
