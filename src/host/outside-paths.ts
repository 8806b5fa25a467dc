// Where k0s and the programs of its clusters leave things outside of k0s' own directories, under names that are always the
// same. Which of them were there before the first start is in the record of the installation. Reference §4.1–4.3, §14.3.

import { cniConfDir, hostCniBinDir } from "../product/paths.ts";
import { controllerRole } from "../roles/controller.ts";
import { leavesOf } from "../roles/traces.ts";
import { workerRole } from "../roles/worker.ts";

/** Deleted with all that is in them. */
export const clusterPaths = leavesOf([...controllerRole, ...workerRole]);

/** Directories that others use, too: deleted when nothing is left in them. */
export const sharedDirectories: readonly string[] = [
  cniConfDir,
  "/etc/cni",
  hostCniBinDir,
  "/opt/cni",
  "/var/lib/cni/results",
  "/var/lib/cni/networks",
  "/var/lib/cni/cache/results",
  "/var/lib/cni/cache",
  "/var/lib/cni",
  "/var/log/containers",
  "/var/log/pods",
  "/var/lib/kubelet",
  "/run/netns",
  "/run/containerd/runc/k8s.io",
  "/run/containerd/runc",
  "/run/containerd/s",
  "/run/containerd",
  "/run/nri",
  // Made by the mount program that kubelet calls.
  "/run/mount",
  "/usr/libexec",
  "/etc/k0s/containerd.d",
  "/etc/k0s",
];

export const fixedOutsidePaths: readonly string[] = [...clusterPaths, ...sharedDirectories];
