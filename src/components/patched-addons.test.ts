// Patches of k0s.yaml reach the manifests of each add-on. One that cannot be applied ends the first start, and no later one.

import { afterEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import type { SystemStackFiles } from "../deployer/system-stack-files.ts";
import { fakeApiServer } from "../deployer/testdata/fake-api-server.ts";
import { silentLog } from "../deployer/testdata/silent-log.ts";
import type { KubeObject } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component } from "../supervisor/component.ts";
import { corednsComponent } from "./coredns/component.ts";
import { metricsServerComponent } from "./metrics-server/component.ts";
import { networkProvider } from "./network/provider.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const patchOf = (type: string, kind: string, name: string, content: string) => ({
  target: { kind, name },
  patch: { type, content },
});

interface Written {
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly unknown[];
  /** What the status of its stacks says. */
  readonly notes: readonly string[];
}

type Addon = "coredns" | "metrics-server" | "network";

/** What the add-on hands to the deployer with such a `spec`. */
async function written(spec: object, addon: Addon): Promise<Written> {
  const { component, objects, warnings, notes } = made(spec, addon);
  await component.init?.(AbortSignal.timeout(5_000));
  return { objects, warnings, notes };
}

/** `manifestsDir` has what an earlier start wrote. */
function made(
  spec: object,
  addon: Addon,
  manifestsDir = "/nonexistent",
): Written & { readonly component: Component } {
  const objects: KubeObject[] = [];
  const warnings: unknown[] = [];
  const log: Logger = { ...silentLog, warn: (_text, fields) => void warnings.push(fields), with: () => log };
  const notes: string[] = [];
  const stacks = {
    hasStack: async () => manifestsDir !== "/nonexistent",
    setStack: async (_name: string, files: SystemStackFiles, said: readonly string[] = []) => {
      objects.push(...[...files.values()].flat());
      notes.push(...said);
    },
    removeStack: async () => undefined,
  };
  const config = schema.parse({ spec });
  const nodes = { onLinuxCount: () => () => undefined };
  const client = async () => fakeApiServer().client;
  const context = { config, stacks, nodes, client, log };
  const components: Readonly<Record<Addon, () => Component>> = {
    coredns: () => corednsComponent(context),
    "metrics-server": () => metricsServerComponent(context),
    network: () => networkProvider({ ...context, manifestsDir, proxied: true }),
  };
  return { component: components[addon](), objects, warnings, notes };
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
  // Applied where there are nodes with Windows: src/components/windows-node/stack.test.ts.
  const windows = { patches: [patchOf("MergePatch", "DaemonSet", "calico-node-windows", label)] };
  expect((await written({ network: { calico: windows } }, "network")).warnings).toEqual([]);
  const wrong = { patches: [patchOf("JSON", "Service", "kube-dns", '[{"op": "remove", "path": "/x"}]')] };
  const refused = await written({ network: { coreDNS: wrong } }, "coredns").catch(String);
  expect(refused).toContain("spec.network.coreDNS.patches[0] cannot be applied to Service kube-dns");
});

test("one that fits no more leaves the add-on as an earlier start has written it, and its health says so", async () => {
  const manifestsDir = await mkdtemp(join(tmpdir(), "k0s-patched-"));
  cleanups.push(() => rm(manifestsDir, { recursive: true }));
  await Bun.write(join(manifestsDir, "calico", "calico-DaemonSet-calico-node.yaml"), "");
  const wrong = patchOf("JSON", "Service", "kube-dns", '[{"op": "remove", "path": "/x"}]');
  const crd = "ippools.crd.projectcalico.org";
  const wrongOfCalico = patchOf("JSON", "CustomResourceDefinition", crd, wrong.patch.content);
  for (const [addon, bad] of [
    ["coredns", { network: { coreDNS: { patches: [wrong] } } }],
    ["network", { network: { calico: { patches: [wrongOfCalico] } } }],
  ] as const) {
    const { component, objects } = made(bad, addon, manifestsDir);
    const { signal } = new AbortController();
    await component.init?.(signal);
    expect(objects).toEqual([]);
    const health = (): Promise<string> =>
      (component.health?.(signal) ?? Promise.resolve()).then(() => "well", String);
    expect(await health()).toContain("patches[0] cannot be applied");
    await component.reconcile?.(schema.parse({}), signal);
    expect(await health()).toBe("well");
    expect(objects).not.toEqual([]);
  }
});

test("one that names nothing is told with the status at a start, and refused by who runs already", async () => {
  const idle = [patchOf("MergePatch", "Service", "nothing", label)];
  for (const [addon, spec, field] of [
    ["coredns", { network: { coreDNS: { patches: idle } } }, "network.coreDNS"],
    ["metrics-server", { metricsServer: { patches: idle } }, "metricsServer"],
    ["network", { network: { calico: { patches: idle } } }, "network.calico"],
  ] as const) {
    const names = `spec.${field}.patches[0] (Service nothing) names no object of what it patches`;
    expect((await written(spec, addon)).notes).toEqual([`${names}, and changes nothing`]);
    const preview = (from: object): Promise<string> => {
      const { component } = made(from, addon);
      return (component.preview?.(schema.parse({ spec })) ?? Promise.resolve()).then(
        () => "possible",
        errorMessage,
      );
    };
    expect([addon, await preview({}), await preview(spec)]).toEqual([addon, names, "possible"]);
  }
});
