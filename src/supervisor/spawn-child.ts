// Starts the child of a supervised process, through the exec helper where there is one.

import { execHelperArguments } from "../os/exec-helper-arguments.ts";
import { isExecutable } from "../os/find-executable.ts";
import { UserError } from "../std/errors.ts";
import { childEnvironment } from "./environment.ts";
import type { SupervisedProcessOptions } from "./process-options.ts";

export type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** In a session and process group of its own, which its pid names. */
export function spawnChild(options: SupervisedProcessOptions, args: readonly string[]): Child {
  const { command, self, user, ambientCaps, noNewPrivs = false, cwd, name, binDir, env } = options;
  const { usesProxy = false, keepsPrefix = false, noProxy } = options;
  if (!isExecutable(command)) {
    throw new UserError(`Cannot start ${name}: ${command} is no executable file.`, { code: "no-executable" });
  }
  const argv0 = argv0Of(options);
  const helper =
    self === undefined
      ? undefined
      : execHelperArguments(self, { user, ambientCaps, noNewPrivs, argv0, command });
  return Bun.spawn([...(helper ?? [command]), ...args], {
    argv0: helper?.[0] ?? argv0,
    cwd,
    env: childEnvironment({
      name,
      inherited: process.env,
      usesProxy,
      keepsPrefix,
      noProxy: noProxy?.() ?? [],
      ...(binDir === undefined ? {} : { binDir }),
      ...(env === undefined ? {} : { extra: env }),
    }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
    ...(helper === undefined ? user : {}),
  });
}

/** What the program finds as its own name. */
export function argv0Of({ argv0, command }: SupervisedProcessOptions): string {
  return argv0 ?? command;
}
