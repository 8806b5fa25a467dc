// Starts the child of a supervised process on Linux, through the exec helper where there is one.

import { execHelperArguments } from "../os/exec-helper-arguments.ts";
import { isExecutable } from "../os/find-executable.ts";
import { sendSignal } from "../os/send-signal.ts";
import { UserError } from "../std/errors.ts";
import { processEnvironment } from "./process-environment.ts";
import type { Child, SupervisedProcessOptions } from "./process-options.ts";

/** In a session and process group of its own, which its pid names. */
export function spawnChild(options: SupervisedProcessOptions, args: readonly string[]): Child {
  const { command, self, user, ambientCaps, noNewPrivs = false, cwd, name } = options;
  if (!isExecutable(command)) {
    throw new UserError(`Cannot start ${name}: ${command} is no executable file.`, { code: "no-executable" });
  }
  const argv0 = argv0Of(options);
  const helper =
    self === undefined
      ? undefined
      : execHelperArguments(self, { user, ambientCaps, noNewPrivs, argv0, command });
  const child = Bun.spawn([...(helper ?? [command]), ...args], {
    argv0: helper?.[0] ?? argv0,
    cwd,
    env: processEnvironment(options, process.env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
    ...(helper === undefined ? user : {}),
  });
  return Object.assign(child, {
    signal: (signal: NodeJS.Signals, { group = false } = {}) => signalChild(child, signal, group),
  });
}

/** False if it has ended: its number may be another's by now. The runtime waits for it in this very thread, and notes that. */
function signalChild(child: Bun.Subprocess, signal: NodeJS.Signals, group: boolean): boolean {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  return sendSignal(group ? -child.pid : child.pid, signal);
}

/** What the program finds as its own name. */
export function argv0Of({ argv0, command }: SupervisedProcessOptions): string {
  return argv0 ?? command;
}
