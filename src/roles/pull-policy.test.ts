// spec.images.default_pull_policy reaches every container of k0s' own, spec.images.repository the image of each.

import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import type { KubeObject } from "../kube/types.ts";
import { everyAddon } from "./testdata/every-addon.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });

interface Container {
  readonly image: string;
  readonly imagePullPolicy?: string;
}

/** Every container of every add-on. */
function containers(images: object): Container[] {
  return everyAddon(schema.parse({ spec: { images } })).flatMap(containersOf);
}

function containersOf(object: KubeObject): Container[] {
  const { spec } = object as { spec?: { template?: { spec?: Record<string, readonly Container[]> } } };
  const pod = spec?.template?.spec;
  return [...(pod?.["initContainers"] ?? []), ...(pod?.["containers"] ?? [])];
}

test("default_pull_policy", () => {
  for (const policy of ["Always", "IfNotPresent", "Never"]) {
    const found = containers({ default_pull_policy: policy });
    expect(found.length).toBeGreaterThan(7);
    expect(new Set(found.map(({ imagePullPolicy }) => imagePullPolicy))).toEqual(new Set([policy]));
  }
});

test("repository", () => {
  const found = containers({ repository: "images.example:5000/mirror" });
  expect(found.filter(({ image }) => !image.startsWith("images.example:5000/mirror/"))).toEqual([]);
});
