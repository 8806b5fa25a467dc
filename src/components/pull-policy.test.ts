// spec.images.default_pull_policy reaches every container of k0s' own, spec.images.repository the image of each.

import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import type { KubeObject } from "../kube/types.ts";
import { coredns } from "./coredns/manifest.ts";
import { konnectivityAgent } from "./konnectivity/agent-manifest.ts";
import { metricsServer } from "./metrics-server/manifest.ts";
import { networkStacks } from "./network/stacks.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });

interface Container {
  readonly image: string;
  readonly imagePullPolicy?: string;
}

/** Every container of every add-on, of both network providers. */
async function containers(images: object): Promise<Container[]> {
  const of = (provider: string) => schema.parse({ spec: { images, network: { provider } } });
  const config = of("calico");
  const stacks = [
    await networkStacks(config, { proxied: true }),
    await networkStacks(of("kuberouter"), { proxied: true }),
  ];
  const objects = [
    ...coredns({ config, nodeCount: 1 }),
    ...metricsServer({ config, nodeCount: 1 }),
    ...konnectivityAgent({ config, singleController: true }),
    ...stacks.flatMap((stack) => [...stack.values()].flatMap((files) => [...files.values()].flat())),
  ];
  return objects.flatMap(containersOf);
}

function containersOf(object: KubeObject): Container[] {
  const { spec } = object as { spec?: { template?: { spec?: Record<string, readonly Container[]> } } };
  const pod = spec?.template?.spec;
  return [...(pod?.["initContainers"] ?? []), ...(pod?.["containers"] ?? [])];
}

test("default_pull_policy", async () => {
  for (const policy of ["Always", "IfNotPresent", "Never"]) {
    const found = await containers({ default_pull_policy: policy });
    expect(found.length).toBeGreaterThan(7);
    expect(new Set(found.map(({ imagePullPolicy }) => imagePullPolicy))).toEqual(new Set([policy]));
  }
});

test("repository", async () => {
  const found = await containers({ repository: "images.example:5000/mirror" });
  expect(found.filter(({ image }) => !image.startsWith("images.example:5000/mirror/"))).toEqual([]);
});
