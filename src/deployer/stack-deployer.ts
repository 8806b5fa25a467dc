// Makes every folder below <data>/manifests a stack of the cluster, and keeps it so.
// Upstream: pkg/applier/manager.go. Better than there: changes by others are corrected, and nothing is deleted
// because it is not seen.

import { join } from "node:path";
import type { KubeClient } from "../kube/client.ts";
import { whileLeading } from "../kube/leading-client.ts";
import type { LeaderElector } from "../kube/lease.ts";
import { ensureDir, writeFileIfChanged } from "../os/files.ts";
import { createBudget } from "../std/budget.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { Component, Dependency } from "../supervisor/component.ts";
import { perTerm } from "../supervisor/leader-task.ts";
import { task, type TaskPart } from "../supervisor/task.ts";
import { createClaims } from "./claims.ts";
import { watchFolders } from "./folder-watcher.ts";
import { createFolderStack } from "./folder-stack.ts";
import type { FolderStack } from "./folder-stack.ts";
import { openInventory } from "./inventory.ts";
import type { Inventory } from "./inventory.ts";
import { createManifestReader } from "./manifest-file.ts";
import { listStacks, observeStacks, prunableKinds, uniqueKinds, versionKey } from "./observe-stacks.ts";
import type { ListKind } from "./observe-stacks.ts";
import { whyReserved } from "./reserved-stacks.ts";
import { filesBesideStacks, listManifests, listStackFolders } from "./stack-files.ts";
import type { IgnoredFile } from "./stack-files.ts";
import { createStack } from "./stack.ts";
import type { PassDepth, Snapshot } from "./stack.ts";
import { createStackLists } from "./stack-lists.ts";
import { createUnchangedLists } from "./unchanged-lists.ts";
import { createStackWorker } from "./stack-worker.ts";
import type { StackWorker, Trigger } from "./stack-worker.ts";
import { removeSystemStack, restoreSystemStack, writeSystemStack } from "./system-stack-files.ts";
import type { SystemStackFiles } from "./system-stack-files.ts";
import { createRepairReports, endOf, reportStack } from "./stack-event.ts";
import type { StackReason } from "./stack-event.ts";
import { waitsForKinds } from "./stack-failure.ts";
import { createStatusBoard } from "./status-board.ts";
import type { GracePeriods } from "./surplus.ts";

/** What the components of system add-ons use. */
export interface SystemStacks {
  /** Writes the manifests of a system stack and has them applied without delay; `notes` are told with its status. May be called before `start`. */
  setStack(name: string, files: SystemStackFiles, notes?: readonly string[]): Promise<void>;
  /** Whether there are manifests of it, of this start or of an earlier one. */
  hasStack(name: string): Promise<boolean>;
  /** Deletes the manifests and the objects of a system stack. */
  removeStack(name: string): Promise<void>;
}

interface DeployerTiming {
  /** Quiet time after a file was put in place by renaming, or taken away. */
  readonly replacedMs: number;
  /** Quiet time after a file was written into: it may not be finished. Upstream's. */
  readonly writtenMs: number;
  readonly pollMs: number;
  /** Between looks for changes by others; every tenth is a look at all kinds. */
  readonly driftMs: number;
  readonly grace: GracePeriods;
  /** From a change of a status to its write. */
  readonly statusMs?: number;
}

export interface StackDeployerOptions {
  /** Asked at the start: before that there may be no credentials. */
  readonly client: () => Promise<KubeClient>;
  readonly manifestsDir: string;
  /** Written by k0s itself: they are emptied only when k0s says so. */
  readonly systemStacks: ReadonlySet<string>;
  /** Where it is noted what was applied from which folder. */
  readonly inventoryDir: string;
  /** What tells this machine from others. */
  readonly machine: string;
  /** As applied-under.ts has it. */
  readonly under: string;
  /** What people know it by. */
  readonly controller?: string;
  readonly leader: LeaderElector;
  readonly log: Logger;
  readonly timing?: DeployerTiming;
  readonly dependsOn?: readonly Dependency[];
}

export interface StackDeployer extends Component, SystemStacks {}

/** How long manifests have to be away before their objects are deleted. */
export const defaultGrace: GracePeriods = { ordinaryMs: 15_000, preciousMs: 60_000 };

const defaultTiming: DeployerTiming = {
  replacedMs: 100,
  writtenMs: 1_000,
  pollMs: 10_000,
  driftMs: 60_000,
  grace: defaultGrace,
};
const defaultStatusMs = 1_000;
const sweepEvery = 10;
/** Of all stacks together. Leases and everything else of this process share the connections. */
const parallelRequests = 16;

interface OpenStack {
  readonly stack: FolderStack;
  readonly worker: StackWorker;
}

/** What exists while we lead; well unless the looks at the folders or at the cluster fail for long. */
interface Term extends TaskPart {
  /** Asks for a pass; a stack that nobody knows yet is opened. */
  trigger(name: string, depth: PassDepth, options?: Trigger): void;
}

export function createStackDeployer(options: StackDeployerOptions): StackDeployer {
  const { manifestsDir, leader, timing = defaultTiming } = options;
  const log = options.log.with({ component: "manifest-deployer" });
  const systemFiles = new Map<string, SystemStackFiles>();
  const systemNotes = new Map<string, readonly string[]>();
  const removals = new Set<string>();
  const running = new Set<Promise<void>>();
  const saidIgnored = new Set<string>();
  let term: Term | undefined;

  const folderOf = (stack: string): string => join(manifestsDir, stack);

  const keep = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  const sayIgnored = (files: readonly IgnoredFile[]): void => {
    for (const { path, why } of files) {
      if (saidIgnored.has(path)) continue;
      saidIgnored.add(path);
      log.warn("A file among the manifests is ignored", { path, why });
    }
  };

  const restore = async (name: string): Promise<void> => {
    const files = removals.has(name) ? undefined : systemFiles.get(name);
    if (files === undefined) return;
    const restored = await restoreSystemStack(folderOf(name), files);
    if (restored.length > 0)
      log.warn("Manifests of a system stack were deleted, they are written again", {
        stack: name,
        files: restored,
      });
  };

  const openTerm = (client: KubeClient, inventory: Inventory, signal: AbortSignal): Term => {
    const budget = createBudget(parallelRequests);
    const lists = createStackLists({ client, budget, signal });
    const open = new Map<string, OpenStack>();
    const unchanged = createUnchangedLists({
      client,
      budget,
      signal,
      log,
      wroteSince: (at) => [...open.values()].some(({ stack }) => stack.isOutdated({ ...nothingSeen, at })),
    });
    const claims = createClaims();
    const reader = createManifestReader();
    const board = createStatusBoard({
      client,
      controller: options.controller ?? options.machine,
      log,
      quietMs: timing.statusMs ?? defaultStatusMs,
    });
    const repairs = createRepairReports();
    const saidNotes = new Set<string>();
    let rounds = 0;

    const openStack = (name: string): OpenStack => {
      const report = (reason: StackReason) => (message: string) =>
        keep(reportStack(client, { stack: name, reason, message }, log));
      const stack = createFolderStack({
        stack: createStack({ client, name, log, budget, lists, onNotice: report("StackNotice") }),
        manifestsDir,
        reader,
        inventory,
        claims,
        system: options.systemStacks.has(name),
        grace: timing.grace,
        generated: () => [...(systemFiles.get(name)?.values() ?? [])].flat(),
        onFreed: (names) => names.forEach((other) => trigger(other, "quick")),
        onIgnored: sayIgnored,
        onReport(result) {
          const notes = systemNotes.get(name) ?? [];
          board.report(name, result.outcome === "done" ? { ...result, notes } : result);
          for (const note of notes) {
            if (!saidNotes.has(note)) report("StackNotice")(note);
            saidNotes.add(note);
          }
          const repaired = repairs.textOf(name, result);
          if (repaired !== undefined) report("StackRepaired")(repaired);
        },
        onUnnoted: (err) =>
          log.warn("Cannot note what is about to be created: it is kept if k0s ends before that works", {
            stack: name,
            err: errorMessage(err),
          }),
        onWriter: ({ pid, path }) =>
          log.info("Nothing of a stack is deleted while somebody writes a manifest", {
            stack: name,
            path,
            pid,
          }),
      });
      const worker = createStackWorker({
        log: log.with({ stack: name }),
        onTrouble: (message, err) => report(waitsForKinds(err) ? "StackWaiting" : "StackFailed")(message),
        onRecovered(became, trouble) {
          const { reason, message } = endOf(became, trouble);
          report(reason)(message);
        },
        onOver() {
          open.delete(name);
          board.drop(name);
        },
        async pass(pass) {
          // What made it outdated has looked itself; the next round comes soon enough.
          if (!pass.asked && pass.snapshot !== undefined && stack.isOutdated(pass.snapshot))
            return { againMs: undefined, over: false, became: undefined };
          await restore(name);
          const removal = removals.has(name);
          const result = await stack.pass({ ...pass, depth: removal ? "sweep" : pass.depth, removal });
          if (removal) removals.delete(name);
          return { ...result, over: result.over && !options.systemStacks.has(name) };
        },
      });
      keep(worker.run(signal));
      return { stack, worker };
    };

    const openNamed = (name: string): OpenStack | undefined => {
      if (name.startsWith(".") || whyReserved(name) !== undefined) return undefined;
      const present = open.get(name) ?? openStack(name);
      open.set(name, present);
      return present;
    };

    const trigger = (name: string, depth: PassDepth, how?: Trigger): void => {
      if (!signal.aborted) openNamed(name)?.worker.trigger(depth, how);
    };

    /** One look at the cluster for all stacks together. */
    const look = async (stacks: readonly FolderStack[], depth: PassDepth): Promise<Observed> => {
      // A stack that cannot be read says so in its own pass, and looks itself if it can be read by then.
      const own = await Promise.all(stacks.map((stack) => stack.kinds().catch(() => undefined)));
      const blind = new Set(stacks.flatMap(({ name }, at) => (own[at] === undefined ? [name] : [])));
      const ownKinds = uniqueKinds(own.flatMap((kinds) => kinds ?? []));
      unchanged.retain(ownKinds);
      const everywhere = depth === "sweep" ? await prunableKinds(client, signal) : [];
      const ownKeys = new Set(ownKinds.map(versionKey));
      // Watches begin with the first sweep: before that objects are still being made. A sweep believes no watch.
      const list: ListKind = (kind) => {
        if (depth === "verify") return unchanged.list(kind);
        if (depth === "sweep" && ownKeys.has(versionKey(kind))) return unchanged.fresh(kind);
        return budget.run(() => listStacks({ client, signal }, kind));
      };
      const at = performance.now();
      const kinds = [...ownKinds, ...everywhere];
      const { objects, unseen } = await observeStacks({ client, kinds, budget, signal, list });
      return { at, unseen, blind, byStack: Map.groupBy(objects, ({ stack }) => stack) };
    };

    const round = async (): Promise<number> => {
      const depth = rounds === 0 ? "quick" : rounds % sweepEvery === 1 ? "sweep" : "verify";
      rounds += 1;
      const folders = (await listStackFolders(manifestsDir)) ?? [];
      sayIgnored(await filesBesideStacks(manifestsDir));
      for (const name of folders) await leaveNote(name);
      const names = new Set([...folders, ...(await inventory.stacks()), ...open.keys()]);
      const stacks = [...names].flatMap((name) => openNamed(name) ?? []);
      const observed = await look(
        stacks.map(({ stack }) => stack),
        depth,
      ).catch((err: unknown) => {
        log.debug("Cannot look at all stacks at once, each looks for itself", { err: errorMessage(err) });
        return undefined;
      });
      const counts = depth === "sweep" && observed !== undefined ? objectsOf(observed) : undefined;
      board.retain(new Set(open.keys()), counts);
      for (const { stack, worker } of stacks) {
        if (observed?.blind.has(stack.name) === false)
          worker.trigger(depth, { snapshot: snapshotFor(stack.name, observed) });
        else worker.trigger(rounds === 1 ? "quick" : "verify");
      }
      reader.sweep();
      return jitter(timing.driftMs);
    };

    const leaveNote = async (name: string): Promise<void> => {
      const why = whyReserved(name);
      if (why === undefined) return;
      sayIgnored([{ path: folderOf(name), why }]);
      await writeFileIfChanged(
        join(folderOf(name), "ignored.txt"),
        `Manifests in this directory are ignored: ${why}.\n`,
      );
    };

    const onChange = (name: string, change: "replaced" | "written"): void => {
      trigger(name, "quick", { quietMs: change === "replaced" ? timing.replacedMs : timing.writtenMs });
    };

    const rounding = createLoop({ name: "correction of drift", log, round });
    const watching = createLoop({
      name: "watch of manifests",
      log,
      lasting: true,
      round: (watchSignal) =>
        watchFolders({ manifestsDir, log, pollMs: timing.pollMs, onChange }, watchSignal),
    });
    // That nobody can read how stacks are is told in the log, and does not make them unwell.
    const parts = [rounding, watching];
    return {
      trigger,
      run: () => Promise.all([...parts, board].map((part) => part.run(signal))),
      health: () => parts.forEach((part) => part.health()),
    };
  };

  const deploying = task({
    name: "manifest-deployer",
    ...(options.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }),
    init: () => ensureDir(manifestsDir),
    parts: async () => {
      const client = whileLeading(await options.client(), leader);
      const inventory = await openInventory(options.inventoryDir, options.machine, options.under, log);
      return [perTerm(leader, (signal) => (term = openTerm(client, inventory, signal)))];
    },
    end: async () => void (await Promise.all(running)),
  });

  return {
    ...deploying,
    async setStack(name, files, notes = []) {
      const written = await writeSystemStack(folderOf(name), files, systemFiles.get(name));
      const changed = written || (systemNotes.get(name) ?? []).join() !== notes.join();
      systemFiles.set(name, files);
      systemNotes.set(name, notes);
      removals.delete(name);
      if (changed) term?.trigger(name, "quick");
    },
    hasStack: async (name) => (await listManifests(folderOf(name))).length > 0,
    async removeStack(name) {
      systemFiles.delete(name);
      systemNotes.delete(name);
      removals.add(name);
      await removeSystemStack(folderOf(name));
      term?.trigger(name, "sweep");
    },
  };
}

interface Observed {
  readonly at: number;
  readonly unseen: ReadonlySet<string>;
  /** Stacks whose kinds are not known. */
  readonly blind: ReadonlySet<string>;
  readonly byStack: ReadonlyMap<string, Snapshot["objects"]>;
}

/** Of a look at no objects. */
const nothingSeen = { objects: [], unseen: new Set<string>() };

function snapshotFor(stack: string, { at, unseen, byStack }: Observed): Snapshot {
  return { at, unseen, objects: byStack.get(stack) ?? [] };
}

/** How many objects each stack has that may be that of a folder. */
function objectsOf({ byStack }: Observed): ReadonlyMap<string, number> {
  return new Map(
    [...byStack].flatMap(([name, objects]) =>
      whyReserved(name) === undefined ? [[name, objects.length] as const] : [],
    ),
  );
}

/** Controllers of many clusters on one host, or one that comes back after the other, do not keep in step. */
function jitter(ms: number): number {
  return ms * (0.9 + Math.random() / 5);
}
