// A client whose writes the server checks and does not keep.

import type { KubeClient } from "../kube/client.ts";

export type DryRunClient = Pick<KubeClient, "apply" | "create" | "find" | "patch">;

export function dryRunClient(client: KubeClient): DryRunClient {
  return {
    find: (ref, options) => client.find(ref, options),
    apply: (object, options) => client.apply(object, { ...options, dryRun: true }),
    create: (object, options = {}) => client.create(object, { ...options, dryRun: true }),
    patch: (ref, type, patch, options = {}) => client.patch(ref, type, patch, { ...options, dryRun: true }),
  };
}
