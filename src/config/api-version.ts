// What a configuration document calls itself.

export const clusterConfigApiVersion = "k0s.k0sproject.io/v1beta1";
export const clusterConfigKind = "ClusterConfig";
