// The one object that holds the configuration of the cluster. Upstream: pkg/constant/constant.go.

import { clusterConfigApiVersion, clusterConfigKind } from "../../config/api-version.ts";

export const clusterConfigRef = {
  apiVersion: clusterConfigApiVersion,
  kind: clusterConfigKind,
  namespace: "kube-system",
  name: "k0s",
} as const;
