// Before kube-apiserver starts: the file that it reads, from what this controller knows of the ring.

import { securityOf } from "../../config/security.ts";
import { readClusterFacts } from "../controller-join/cluster-facts.ts";
import { readJoinState } from "../controller-join/state.ts";
import type { ControllerNode } from "../node-facts.ts";
import { type MarkedRing, readCaKey, readRing, removeRing, writeRing } from "./files.ts";
import { keysMark } from "./keys.ts";
import { plain, ringOfNewCluster, ringOfOldCluster } from "./ring.ts";

/** Whether kube-apiserver is to read such a file. */
export async function prepareEncryption(
  { config, paths, user }: Pick<ControllerNode, "config" | "paths" | "user">,
  userName: string,
): Promise<boolean> {
  if (!(await takesPart({ config, paths }))) {
    await removeRing(paths);
    return false;
  }
  await writeRing(paths, (await readRing(paths)) ?? (await firstRing(paths)), user?.(userName));
  return true;
}

/** Nothing is encrypted any more. */
function isOver({ ring }: MarkedRing): boolean {
  return ring.phase === "stable" && ring.target === plain;
}

/** Whether this controller takes part: it wants to, or Secrets are encrypted still. */
export async function takesPart({
  config,
  paths,
}: Pick<ControllerNode, "config" | "paths">): Promise<boolean> {
  if (securityOf(config).encrypts) return true;
  const known = await readRing(paths);
  return known !== undefined && !isOver(known);
}

async function firstRing(paths: ControllerNode["paths"]): Promise<MarkedRing> {
  const mark = keysMark(await readCaKey(paths));
  const since = new Date().toISOString();
  const joined = (await readJoinState(paths.dataDir))?.server !== undefined;
  const isNew = !joined && (await readClusterFacts(paths.dataDir)) === undefined;
  return { mark, ring: isNew ? ringOfNewCluster(since) : ringOfOldCluster(since) };
}
