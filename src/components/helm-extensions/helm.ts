// Runs the helm of the file. It ends with k0s, even with one that is killed: a helm that goes on alone would be at work on a
// release that another leader takes up.

import { execHelperArguments } from "../../os/exec-helper-arguments.ts";
import { run } from "../../os/exec.ts";
import { formatDuration } from "../../std/duration.ts";
import { TimeoutError } from "../../std/wait.ts";
import { childEnvironment } from "../../supervisor/environment.ts";
import { shownError } from "./failure.ts";
import type { Workspace } from "./workspace.ts";

/** helm has refused or failed. The message has no password in it. */
export class HelmError extends Error {
  override readonly name = "HelmError";
}

export interface HelmCall {
  readonly args: readonly string[];
  readonly workspace: Pick<Workspace, "dir" | "names">;
  /** Texts that must not be shown. */
  readonly secrets: readonly string[];
  /** When it is taken to hang. */
  readonly limitMs: number;
}

export interface Helm {
  /** What it prints. It is killed when the signal aborts. */
  run(call: HelmCall, signal: AbortSignal): Promise<string>;
}

export interface HelmOptions {
  /** Unpacks the program and tells where it lies. */
  readonly program: (signal: AbortSignal) => Promise<string>;
  readonly binDir: string;
  /** How k0s starts itself for `__exec`. */
  readonly self: readonly string[];
  readonly noProxy: () => readonly string[];
}

export function createHelm({ program, binDir, self, noProxy }: HelmOptions): Helm {
  return {
    async run({ args, workspace, secrets, limitMs }, signal) {
      const command = await program(signal);
      const [helper = command, ...before] = execHelperArguments(self, { command, argv0: "helm" });
      const env = childEnvironment({
        name: "helm",
        inherited: process.env,
        binDir,
        usesProxy: true,
        noProxy: noProxy(),
        // Plug-ins, credentials and caches of the user who runs k0s are not for it.
        extra: { HOME: workspace.dir },
      });
      try {
        const options = { env, cwd: workspace.dir, signal, timeoutMs: limitMs };
        const { code, signal: ended, stdout, stderr } = await run(helper, [...before, ...args], options);
        if (code === 0) return stdout;
        const how = ended === null ? `helm exited with code ${code}` : `helm was ended by ${ended}`;
        throw new HelmError(shownError({ stdout, stderr }, secrets, workspace.names) || how);
      } catch (err) {
        if (!(err instanceof TimeoutError)) throw err;
        throw new HelmError(`helm did not end within ${formatDuration(limitMs)}`, { cause: err });
      }
    },
  };
}
