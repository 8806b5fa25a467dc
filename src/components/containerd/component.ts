// containerd. Upstream: pkg/component/worker/containerd/component.go.

import { join } from "node:path";
import { containerdConfigToml, isManagedConfig } from "./config-toml.ts";
import { criClient } from "./cri.ts";
import { run } from "../../os/exec.ts";
import { makeDir, readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { hangMs } from "../../os/patience.ts";
import { createLoop } from "../../std/loop.ts";
import { cniConfDir, hostCniBinDir } from "../../product/paths.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { type ProcessComponent, processComponent } from "../../supervisor/process-component.ts";
import { task } from "../../supervisor/task.ts";
import { registriesDir } from "./registries.ts";
import { dropInMarks, followDropIns } from "./drop-ins.ts";
import type { WorkerNode } from "../node-facts.ts";

export interface ContainerdOptions {
  readonly logLevel: string;
  /** Asked at each start. */
  readonly pauseImage: () => string;
  /** Without CAP_SYS_RESOURCE every pod would fail when its OOM score is lowered. */
  readonly restrictOomScoreAdj: boolean;
  /** Default /etc/k0s. */
  readonly configDir?: string;
}

export function containerd(node: WorkerNode, options: ContainerdOptions): ProcessComponent {
  const { paths } = node;
  const configDir = options.configDir ?? "/etc/k0s";
  const configPath = join(configDir, "containerd.toml");
  const dropIns = join(configDir, "containerd.d");
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
      beforeStart: async () =>
        writeConfig(node, { ...options, registriesDir: await registriesDir(configDir, dropIns) }, configPath),
    }),
    init: async () => {
      await makeDir(dropIns, { mode: 0o755 });
      await makeDir(cniConfDir, { mode: 0o755 });
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
  const watched = {
    dir: dropIns,
    log: node.log.with({ component: "containerd" }),
    problem: (signal: AbortSignal) => configProblem(join(paths.binDir, "containerd"), configPath, signal),
    adopt: () => program.restart(),
  };
  const watching = task({
    name: program.name,
    parts: async (signal) => {
      const known = await dropInMarks(dropIns);
      await program.start(signal);
      const round = (abort: AbortSignal): Promise<never> => followDropIns(watched, known, abort);
      return [createLoop({ name: "watching drop-in files", log: watched.log, lasting: true, round })];
    },
    health: async (signal) => program.health?.(signal),
    end: () => program.stop(),
  });
  return { ...program, ...watching };
}

/** Leaves a file alone that the user has taken over. */
async function writeConfig(
  { paths }: WorkerNode,
  options: ContainerdOptions & { readonly registriesDir: string | undefined },
  path: string,
): Promise<void> {
  const present = await readFileIfExists(path);
  if (present !== undefined && !isManagedConfig(present)) return;
  const content = containerdConfigToml({
    pauseImage: options.pauseImage(),
    runcPath: join(paths.binDir, "runc"),
    optDir: join(paths.containerdRootDir, "opt"),
    // k0s' own come first, and never lie among those of others.
    cniBinDirs: [paths.cniBinDir, hostCniBinDir],
    cniConfDir,
    restrictOomScoreAdj: options.restrictOomScoreAdj,
    registriesDir: options.registriesDir,
  });
  await writeFileIfChanged(path, content, { mode: 0o644 });
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
