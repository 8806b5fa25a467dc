// Makes every folder below <data>/manifests a stack of the cluster, and keeps it so. Upstream: pkg/component/controller/
// applier-manager; reference §10.1. Better than there: changes by others are corrected, and nothing waits a second.

import { join } from "node:path";
import type { KubeClient } from "../kube/client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import type { KubeObject } from "../kube/types.ts";
import { ensureDir, writeFileIfChanged } from "../os/files.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "../supervisor/component.ts";
import { watchFolders } from "./folder-watcher.ts";
import { ignoredStacks, systemStacks } from "./protected.ts";
import { listStackFolders, readStackFolder } from "./stack-files.ts";
import { createStack } from "./stack.ts";
import { createStackWorker } from "./stack-worker.ts";
import type { PassDepth, StackWorker } from "./stack-worker.ts";
import { removeSystemStack, restoreSystemStack, writeSystemStack } from "./system-stack-files.ts";
import type { SystemStackFiles } from "./system-stack-files.ts";
import { reportStackTrouble } from "./stack-event.ts";

/** What the components of system add-ons use. */
export interface SystemStacks {
  /** Writes the manifests of a system stack and has them applied without delay. May be called before `start`. */
  setStack(name: string, files: SystemStackFiles): Promise<void>;
  /** Deletes the manifests and the objects of a system stack. */
  removeStack(name: string): Promise<void>;
}

interface DeployerTiming {
  readonly debounceMs: number;
  readonly pollMs: number;
  /** Between looks for changes by others; every tenth is a look at all kinds. */
  readonly driftMs: number;
}

export interface StackDeployerOptions {
  /** Asked at the start: before that there may be no credentials. */
  readonly client: () => Promise<KubeClient>;
  readonly manifestsDir: string;
  readonly leader: LeaderElector;
  readonly log: Logger;
  readonly timing?: DeployerTiming;
  /** Default: kube-apiserver. */
  readonly dependsOn?: readonly string[];
}

export interface StackDeployer extends Component, SystemStacks {}

const defaultTiming: DeployerTiming = { debounceMs: 100, pollMs: 10_000, driftMs: 60_000 };
const sweepEvery = 10;

export function createStackDeployer(options: StackDeployerOptions): StackDeployer {
  const { manifestsDir, leader, timing = defaultTiming } = options;
  const log = options.log.with({ component: "manifest-deployer" });
  const systemFiles = new Map<string, SystemStackFiles>();
  const removals = new Set<string>();
  const workers = new Map<string, StackWorker>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  /** While we lead; undefined else. */
  let term: AbortController | undefined;
  let client: KubeClient | undefined;

  const folderOf = (stack: string): string => join(manifestsDir, stack);

  const desiredOf = async (stack: string): Promise<KubeObject[]> => {
    const files = removals.has(stack) ? undefined : systemFiles.get(stack);
    if (files !== undefined) {
      const restored = await restoreSystemStack(folderOf(stack), files);
      if (restored.length > 0)
        log.warn("Manifests of a system stack were deleted, they are written again", {
          stack,
          files: restored,
        });
    }
    return await readStackFolder(folderOf(stack));
  };

  const keep = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  const openWorker = (client: KubeClient, name: string, signal: AbortSignal): StackWorker => {
    const stackOf = (protectWhenEmpty: boolean) => createStack({ client, name, log, protectWhenEmpty });
    let stack = stackOf(systemStacks.has(name));
    const worker = createStackWorker({
      debounceMs: timing.debounceMs,
      log: log.with({ stack: name }),
      onTrouble: (message) => keep(reportStackTrouble(client, name, message, log)),
      pass: async (depth, passSignal) => {
        // The whole directory being gone is an accident, not a wish to delete everything.
        if ((await listStackFolders(manifestsDir)) === undefined) return;
        if (removals.has(name)) stack = stackOf(false);
        const desired = await desiredOf(name);
        await stack.converge({ desired, depth: removals.has(name) ? "sweep" : depth, signal: passSignal });
        removals.delete(name);
      },
    });
    keep(worker.run(signal));
    return worker;
  };

  const trigger = (name: string, depth: PassDepth, now: boolean): void => {
    if (term === undefined || client === undefined || name.startsWith(".") || ignoredStacks.has(name)) return;
    let worker = workers.get(name);
    if (worker === undefined) {
      worker = openWorker(client, name, term.signal);
      workers.set(name, worker);
    }
    worker.trigger(depth, { now });
  };

  const correctDrift = async (signal: AbortSignal): Promise<void> => {
    for (let round = 0; ; round++) {
      await sleep(timing.driftMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      for (const name of workers.keys()) trigger(name, round % sweepEvery === 0 ? "sweep" : "verify", true);
    }
  };

  const lead = async (signal: AbortSignal): Promise<void> => {
    try {
      const names = (await listStackFolders(manifestsDir)) ?? [];
      for (const name of names) {
        if (ignoredStacks.has(name)) await leaveNote(folderOf(name));
        trigger(name, "quick", true);
      }
      const watching = watchFolders(
        { manifestsDir, log, pollMs: timing.pollMs, onChange: (name) => trigger(name, "quick", false) },
        signal,
      );
      await Promise.all([watching, correctDrift(signal)]);
    } catch (err) {
      log.error("Watching the manifests ended", { err: errorMessage(err) });
    }
  };

  const setLeading = (leading: boolean): void => {
    if (leading === (term !== undefined)) return;
    term?.abort();
    term = undefined;
    workers.clear();
    if (!leading || stopping.signal.aborted) return;
    term = new AbortController();
    keep(lead(term.signal));
  };

  return {
    name: "manifest-deployer",
    dependsOn: options.dependsOn ?? ["kube-apiserver"],
    async init() {
      await ensureDir(manifestsDir);
    },
    async start() {
      client = await options.client();
      leader.onChange(setLeading);
    },
    async stop() {
      stopping.abort();
      setLeading(false);
      await Promise.all(running);
    },
    async setStack(name, files) {
      const changed = await writeSystemStack(folderOf(name), files, systemFiles.get(name));
      systemFiles.set(name, files);
      removals.delete(name);
      if (changed) trigger(name, "quick", true);
    },
    async removeStack(name) {
      systemFiles.delete(name);
      removals.add(name);
      await removeSystemStack(folderOf(name));
      trigger(name, "sweep", true);
    },
  };
}

async function leaveNote(folder: string): Promise<void> {
  await writeFileIfChanged(
    join(folder, "ignored.txt"),
    "k0s handles this directory itself: manifests in it are ignored.\n",
  );
}
