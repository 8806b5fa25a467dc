// What each provider calls its network in its CNI configuration.

export const cniNetworks = {
  calico: "k8s-pod-network",
  kuberouter: "mynet",
} as const;
