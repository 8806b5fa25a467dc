// containerd. Upstream: pkg/component/worker/containerd/component.go.

import { dirname } from "node:path";
import { isManagedConfig } from "./config-toml.ts";
import type { ContainerdHost } from "./containerd-host.ts";
import { criClient } from "./cri.ts";
import { run } from "../../os/exec.ts";
import { makeDir, readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { hangMs } from "../../os/patience.ts";
import { joinPath as join } from "../../std/join-path.ts";
import { createLoop } from "../../std/loop.ts";
import { processOptions, programOf } from "../../supervisor/node-process.ts";
import { type ProcessComponent, processComponent } from "../../supervisor/process-component.ts";
import { task } from "../../supervisor/task.ts";
import { firstFault } from "./drop-in-faults.ts";
import { dropInFiles, dropInMarks, followDropIns } from "./drop-ins.ts";
import { type HostRuntime, offeredRuntimes } from "./host-runtimes.ts";
import { importedSettings } from "./imported-settings.ts";
import type { WorkerNode } from "../node-facts.ts";

export interface ContainerdOptions {
  readonly logLevel: string;
  /** Asked at each start. */
  readonly pauseImage: () => string;
  readonly host: ContainerdHost;
}

/** How soon a runtime that somebody installs can be used. */
const lookEveryMs = 60_000;

export function containerd(node: WorkerNode, options: ContainerdOptions): ProcessComponent {
  const { paths } = node;
  const log = node.log.with({ component: "containerd" });
  const { host } = options;
  const { configPath } = host;
  const dropIns = join(host.configDir, "containerd.d");
  const installed = host.runtimes;
  let known: readonly HostRuntime[] = [];
  let managed = false;
  const configure = async (): Promise<void> => {
    const found = installed();
    const offered = offeredRuntimes(found, await importedSettings(dropIns));
    const now = {
      pauseImage: options.pauseImage(),
      offered,
      registriesDir: await host.registriesDir(dropIns),
    };
    managed = await writeConfig(configPath, host.config(now));
    const added = managed ? offered.runtimes.filter((one) => !isIn(one, known)) : [];
    for (const { name, path } of added)
      log.info("Pods can use a runtime of the host", { runtime: name, program: path });
    known = found;
  };
  const program = processComponent({
    process: processOptions(node, "containerd", {
      // Pulls go through it.
      usesProxy: true,
      args: [
        `--root=${paths.containerdRootDir}`,
        `--state=${paths.containerdStateDir}`,
        `--address=${paths.containerdSocket}`,
        `--log-level=${options.logLevel}`,
        `--config=${configPath}`,
      ],
      beforeStart: configure,
    }),
    init: async () => {
      await makeDir(dropIns, { mode: 0o755 });
      await makeDir(host.cniConfDir, { mode: 0o755 });
      await makeDir(dirname(configPath), { mode: 0o755 });
    },
    readiness: {
      what: `the container runtime at ${paths.containerdSocket}`,
      intervalMs: 50,
      probe: async (signal) => {
        using client = criClient(paths.containerdSocket);
        await client.ping({ signal });
        return true;
      },
    },
  });
  /** One that goes stays in the configuration until the next start: an upgrade takes it away for a moment only. */
  const look = async (): Promise<void> => {
    if (managed && installed().some((one) => !isIn(one, known))) await program.restart();
  };
  const watched = {
    dir: dropIns,
    log,
    problem: async (signal: AbortSignal) =>
      firstFault(await dropInFiles(dropIns), managed ? installed().map(({ name }) => name) : undefined) ??
      configProblem(programOf(node, "containerd"), configPath, signal),
    adopt: () => program.restart(),
  };
  const watching = task({
    name: program.name,
    parts: async (signal) => {
      const marks = await dropInMarks(dropIns);
      await program.start(signal);
      const round = (abort: AbortSignal): Promise<never> => followDropIns(watched, marks, abort);
      return [
        createLoop({ name: "watching drop-in files", log, lasting: true, round }),
        createLoop({ name: "looking for runtimes of the host", log, everyMs: lookEveryMs, round: look }),
      ];
    },
    health: async (signal) => program.health?.(signal),
    end: () => program.stop(),
  });
  return { ...program, ...watching };
}

function isIn({ name, path }: HostRuntime, list: readonly HostRuntime[]): boolean {
  return list.some((one) => one.name === name && one.path === path);
}

/** Leaves a file alone that the user has taken over, and says whether it did not. */
async function writeConfig(path: string, content: string): Promise<boolean> {
  const present = await readFileIfExists(path);
  if (present !== undefined && !isManagedConfig(present)) return false;
  await writeFileIfChanged(path, content, { mode: 0o644 });
  return true;
}

/** What containerd itself says about its configuration with all drop-in files. */
async function configProblem(
  program: string,
  configPath: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, stderr } = await run(program, ["--config", configPath, "config", "dump"], {
    signal,
    timeoutMs: hangMs,
  });
  return code === 0 ? undefined : (stderr.trim().split("\n").at(-1) ?? "");
}
