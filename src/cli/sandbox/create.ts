// `k0s sandbox create`.

import { selfPath } from "../../payload/self-path.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { createSandbox } from "../../sandbox/cluster.ts";
import type { MachineRoot } from "../../sandbox/machine-spec.ts";
import type { Progress } from "../../std/progress.ts";
import type { CliIo } from "../core/io.ts";
import { printJson } from "../core/output.ts";
import { createScreen } from "../core/progress.ts";
import { requireRoot } from "../core/require-root.ts";

export interface CreateFlags {
  readonly controllers: number;
  readonly workers: number;
  readonly config: string;
  readonly root: string;
  readonly args: readonly string[];
  readonly uplink: boolean;
  readonly keep: boolean;
  readonly noProgress: boolean;
  readonly output: string;
}

export async function sandboxCreate(flags: CreateFlags, name: string, io: CliIo): Promise<void> {
  requireRoot(io);
  const json = flags.output === "json";
  const screen = createScreen({
    // Data goes to standard output alone, so that it can be piped.
    write: (text) => (json ? io.err(text) : io.out(text)),
    terminal: (json ? io.terminal.stderr : io.terminal.stdout) && !flags.noProgress,
  });
  const steps: StepRecord[] = [];
  try {
    const { machines } = await createSandbox({
      name,
      controllers: flags.controllers,
      workers: flags.workers,
      k0sPath: selfPath(io.env),
      root: machineRoot(flags.root),
      args: flags.args,
      rules: nodeRules,
      ...(flags.config === "" ? {} : { configFile: flags.config }),
      keepFailed: flags.keep,
      uplink: flags.uplink,
      progress: recorded(screen.progress, steps),
      signal: io.signal,
    });
    if (json)
      printJson(io, {
        name,
        machines: machines.map(({ name: machine, address }) => ({ name: machine, address })),
        steps,
      });
    else screen.progress.ready(goodNews(name, flags.uplink));
  } finally {
    screen.close();
  }
}

function machineRoot(text: string): MachineRoot {
  return text === "host" ? { kind: "host" } : { kind: "directory", path: text };
}

function goodNews(name: string, uplink: boolean): string {
  const host = uplink
    ? "Your cluster runs in a sandbox and uses this host's network; its rules go with it."
    : "Your cluster runs in a sandbox; this host's network and disks are as they were.";
  return [
    host,
    `  sudo k0s sandbox exec ${name} -- k0s kubectl get nodes     sudo k0s sandbox status ${name}`,
    // Elsewhere its address leads nowhere.
    ...(uplink ? [`  sudo k0s sandbox kubeconfig ${name} > ${name}.conf`] : []),
    `  sudo k0s sandbox delete ${name}`,
  ].join("\n");
}

interface StepRecord {
  readonly name: string;
  readonly seconds: number;
}

/** Also keeps how long each step took. */
function recorded(progress: Progress, steps: StepRecord[]): Progress {
  return {
    ...progress,
    step: (name) => {
      const started = performance.now();
      const step = progress.step(name);
      return {
        done: (detail) => {
          steps.push({ name, seconds: Math.round(performance.now() - started) / 1000 });
          step.done(detail);
        },
        fail: (err) => step.fail(err),
      };
    },
  };
}
