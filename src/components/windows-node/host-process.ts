// What the pods of both DaemonSets have in common: processes of the host itself, on every node with Windows.

const account = "NT AUTHORITY\\system";

/** The specification of such a pod, but for its containers. */
export function hostProcessPod(serviceAccountName: string): Record<string, unknown> {
  return {
    nodeSelector: { "kubernetes.io/os": "windows" },
    hostNetwork: true,
    securityContext: { windowsOptions: { hostProcess: true, runAsUserName: account } },
    serviceAccountName,
    priorityClassName: "system-node-critical",
    tolerations: [{ operator: "Exists" }],
  };
}

/** Where the files of a container's image lie on its host; PowerShell, which every entry point is, reads it. */
export const imageRoot = "$env:CONTAINER_SANDBOX_MOUNT_POINT";

export function environment(
  values: Readonly<Record<string, string>>,
  nodeNameVariable: string,
): Record<string, unknown>[] {
  return [
    { name: nodeNameVariable, valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}
