// The labels that upstream puts on some of its objects. Upstream: pkg/applier/meta.go (CommonLabels).

export function commonLabels(component: string, k0sVersion: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "k0s",
    "app.kubernetes.io/component": component,
    // A plus sign is not allowed in a label.
    "app.kubernetes.io/version": k0sVersion.replaceAll("+", "-"),
    "app.kubernetes.io/managed-by": "k0s",
  };
}
