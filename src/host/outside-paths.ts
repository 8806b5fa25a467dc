// Where k0s and the programs of its clusters leave things outside of k0s' own directories, under names that are always the
// same. Which of them were there before the first start is in the record of the installation.
// Upstream: pkg/constant/constant_unix.go, pkg/cleanup.

import { controllerRole } from "../roles/controller.ts";
import { leftBy } from "../roles/folds/traces.ts";
import { workerRole } from "../roles/worker.ts";

const all = [...controllerRole, ...workerRole];

/** Deleted with all that is in them. */
export const clusterPaths = leftBy(all, "paths");

/** Those of them below which pods mount something. */
export const podMountRoots = leftBy(all, "mountedBelow");

/** Those of them that k0s makes where no pod runs, too. */
export const pathsWithoutPods = leftBy(all, "withoutPods");

/** Directories that others use, too: deleted when nothing is left in them. */
export const sharedDirectories = leftBy(all, "sharedDirectories");

/** Those of them that hold sockets. */
export const socketDirectories = leftBy(all, "socketDirectories");

export const fixedOutsidePaths: readonly string[] = [...clusterPaths, ...sharedDirectories];
