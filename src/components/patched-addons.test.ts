// Patches of k0s.yaml reach the manifests of each add-on, and one that cannot be applied ends the start.

import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import type { SystemStackFiles } from "../deployer/system-stack-files.ts";
import { silentLog } from "../deployer/testdata/silent-log.ts";
import type { KubeObject } from "../kube/types.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";
import { corednsComponent } from "./coredns/component.ts";
import { metricsServerComponent } from "./metrics-server/component.ts";
import { networkProvider } from "./network/provider.ts";

const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const patchOf = (type: string, kind: string, name: string, content: string) => ({
  target: { kind, name },
  patch: { type, content },
});

interface Written {
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly unknown[];
}

/** What the add-on hands to the deployer with such a `spec`. */
async function written(spec: object, addon: "coredns" | "metrics-server" | "network"): Promise<Written> {
  const objects: KubeObject[] = [];
  const warnings: unknown[] = [];
  const log: Logger = { ...silentLog, warn: (_text, fields) => void warnings.push(fields), with: () => log };
  const stacks = {
    setStack: async (_name: string, files: SystemStackFiles) =>
      void objects.push(...[...files.values()].flat()),
    removeStack: async () => undefined,
  };
  const config = schema.parse({ spec });
  const nodes = { onLinuxCount: () => () => undefined };
  const context = { config, stacks, nodes, log };
  const components: Readonly<Record<typeof addon, () => Component>> = {
    coredns: () => corednsComponent(context),
    "metrics-server": () => metricsServerComponent(context),
    network: () => networkProvider({ ...context, manifestsDir: "/nonexistent" }),
  };
  await components[addon]().init?.(AbortSignal.timeout(5_000));
  return { objects, warnings };
}

const label = '{"metadata": {"labels": {"patched": "yes"}}}';
const patchedNames = ({ objects }: Written): string[] =>
  objects
    .filter(({ metadata }) => metadata.labels?.["patched"] === "yes")
    .map(({ kind, metadata }) => `${kind} ${metadata.name ?? ""}`);

test("each add-on", async () => {
  const coreDNS = { patches: [patchOf("MergePatch", "Service", "kube-dns", label)] };
  expect(patchedNames(await written({ network: { coreDNS } }, "coredns"))).toEqual(["Service kube-dns"]);
  const metricsServer = { patches: [patchOf("StrategicMergePatch", "Deployment", "metrics-server", label)] };
  expect(patchedNames(await written({ metricsServer }, "metrics-server"))).toEqual([
    "Deployment metrics-server",
  ]);
  const crd = "ippools.crd.projectcalico.org";
  const calico = {
    patches: [
      patchOf("StrategicMergePatch", "DaemonSet", "calico-node", label),
      patchOf("MergePatch", "CustomResourceDefinition", crd, label),
    ],
  };
  expect(patchedNames(await written({ network: { calico } }, "network"))).toEqual(
    expect.arrayContaining(["DaemonSet calico-node", `CustomResourceDefinition ${crd}`]),
  );
  const operation = '[{"op": "add", "path": "/metadata/labels/patched", "value": "yes"}]';
  const kuberouter = { patches: [patchOf("JSON", "DaemonSet", "kube-router", operation)] };
  expect(patchedNames(await written({ network: { provider: "kuberouter", kuberouter } }, "network"))).toEqual(
    ["DaemonSet kube-router"],
  );
});

test("one that names nothing is told of, one that cannot be applied is refused", async () => {
  const idle = { patches: [patchOf("MergePatch", "Service", "nothing", label)] };
  expect((await written({ network: { coreDNS: idle } }, "coredns")).warnings).toEqual([
    { patch: "spec.network.coreDNS.patches[0] (Service nothing)" },
  ]);
  expect((await written({ network: { calico: idle } }, "network")).warnings).toEqual([
    { patch: "spec.network.calico.patches[0] (Service nothing)" },
  ]);
  const wrong = { patches: [patchOf("JSON", "Service", "kube-dns", '[{"op": "remove", "path": "/x"}]')] };
  const refused = await written({ network: { coreDNS: wrong } }, "coredns").catch(String);
  expect(refused).toContain("spec.network.coreDNS.patches[0] cannot be applied to Service kube-dns");
});
