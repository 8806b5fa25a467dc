// What runc keeps of containers, in a place that all CRI runtimes of a host share.

import { join } from "node:path";
import { readFileIfExists } from "../../os/files.ts";
import { namesIn } from "../../os/names-in.ts";
import { listProcesses, processArguments } from "../../os/processes.ts";
import type { ContainerState } from "./observe-pods.ts";

/** Where containerd's shims tell runc to keep the state of CRI containers. */
const runcStateDir = "/run/containerd/runc/k8s.io";

/** The directory of a container in which nothing but runc's `exec.fifo` is belongs to a creation that is not finished. */
const unfinished = ["exec.fifo"];

/**
 * Directories of runc that belong to our containers: those of our tasks, those whose state names one of our bundles, and
 * those of a `runc create` that was killed before it wrote its state and that no process speaks of any more. containerd,
 * stopped while it starts a container, removes the bundle and leaves these two. What has no state names nobody: it is ours
 * only where no other runtime has kept a container.
 */
export async function runcDirectories(
  { ids, bundlesDir }: Pick<ContainerState, "ids" | "bundlesDir">,
  dir = runcStateDir,
): Promise<string[]> {
  const others = bundlesDir === "" ? [] : (await namesIn(dir)).filter((id) => !ids.includes(id));
  const mentioned = others.length === 0 ? new Set<string>() : await allArguments();
  const judged = await Promise.all(
    others.map(async (id) => {
      const state = await readFileIfExists(join(dir, id, "state.json"));
      if (state !== undefined)
        return { id, kind: state.includes(`"bundle=${bundlesDir}/`) ? "ours" : "foreign" };
      const isUnfinished = (await namesIn(join(dir, id))).every((name) => unfinished.includes(name));
      return { id, kind: isUnfinished && !mentioned.has(id) ? "unfinished" : "foreign" };
    }),
  );
  const alone = judged.every(({ kind }) => kind !== "foreign");
  const ours = judged.filter(({ kind }) => kind === "ours" || (alone && kind === "unfinished"));
  return [...ids, ...ours.map(({ id }) => id)].map((id) => join(dir, id));
}

/** A shim and runc are started with the id of their container as one argument. */
async function allArguments(): Promise<ReadonlySet<string>> {
  const processes = await listProcesses();
  return new Set((await Promise.all(processes.map(({ pid }) => processArguments(pid)))).flat());
}
