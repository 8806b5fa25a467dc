// What lies in kubelet's root directory.

/** What kubelet makes there. */
export const kubeletRootEntries: readonly string[] = [
  "actuated_pods_state",
  "allocated_pods_state",
  "checkpoints",
  "cpu_manager_state",
  "device-plugins",
  "dra_health_state",
  "dra_manager_state",
  "graceful_node_shutdown_state",
  "image_manager",
  "memory_manager_state",
  "pki",
  "plugins",
  "plugins_registry",
  "pod-resources",
  "pods",
  "pods-api",
];

/** What an operator puts into kubelet's root directory, or a file system has in its own: it may be there, and is not k0s'. */
export const kubeletSeedEntries: readonly string[] = ["config.json", "lost+found", "seccomp"];
