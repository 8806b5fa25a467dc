import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import type { SystemStacks } from "../../deployer/stack-deployer.ts";
import { removeSystemStack, writeSystemStack } from "../../deployer/system-stack-files.ts";
import { pollUntil } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { windowsNodeComponent } from "./component.ts";

let manifestsDir: string;
beforeEach(async () => {
  manifestsDir = await mkdtemp(join(tmpdir(), "k0s-win-"));
});
afterEach(() => rm(manifestsDir, { recursive: true, force: true }));

const both = ["calico-windows.yaml", "kube-proxy-windows.yaml"];
const configOf = (network: object) =>
  clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" }).parse({
    spec: { network },
  });

async function startedComponent(disabled: readonly string[] = []) {
  const asked: string[] = [];
  const stacks: SystemStacks = {
    hasStack: async () => false,
    async setStack(name, files) {
      asked.push(`set ${name}`);
      await writeSystemStack(join(manifestsDir, name), files, undefined);
    },
    async removeStack(name) {
      asked.push(`remove ${name}`);
      await removeSystemStack(join(manifestsDir, name));
    },
  };
  let tell: (count: number) => void = () => undefined;
  const component = windowsNodeComponent({
    config: configOf({}),
    paths: { manifestsDir },
    disabledComponents: new Set(disabled),
    stacks,
    nodes: {
      onWindowsCount(listener) {
        tell = listener;
        return () => (tell = () => undefined);
      },
    },
    log: silentLog,
  });
  await component.start(AbortSignal.timeout(5_000));
  return { component, asked, tell: (count: number) => tell(count) };
}

const written = async (): Promise<string[]> => {
  const folders = await readdir(manifestsDir);
  return folders.includes("windows-node")
    ? (await readdir(join(manifestsDir, "windows-node"))).toSorted()
    : [];
};
const becomes = (wanted: readonly string[]) =>
  pollUntil(async () => (await written()).join() === wanted.join(), {
    what: `the files ${wanted.join()}`,
    intervalMs: 5,
    timeoutMs: 5_000,
  });

test("the stack is there while a node has Windows, and is written again only for the first and the last of them", async () => {
  const { component, asked, tell } = await startedComponent();
  tell(0);
  await component.reconcile?.(configOf({}), AbortSignal.timeout(5_000));
  expect(asked).toEqual([]);
  tell(1);
  await becomes(both);
  tell(2);
  tell(0);
  await becomes([]);
  await component.stop();
  tell(1);
  expect(asked).toEqual(["set windows-node", "remove windows-node"]);
});

test("what an earlier run has written stays until the nodes are known", async () => {
  const first = await startedComponent();
  first.tell(1);
  await becomes(both);
  await first.component.stop();
  const { component, asked, tell } = await startedComponent();
  await component.reconcile?.(configOf({}), AbortSignal.timeout(5_000));
  expect([asked, await written()]).toEqual([[], both]);
  tell(0);
  await becomes([]);
  await component.stop();
});

test("a row goes with what it belongs to, and follows the configuration", async () => {
  const { component, tell } = await startedComponent(["network-provider"]);
  tell(1);
  await becomes(["kube-proxy-windows.yaml"]);
  await component.reconcile?.(configOf({ kubeProxy: { disabled: true } }), AbortSignal.timeout(5_000));
  expect(await written()).toEqual([]);
  await component.reconcile?.(configOf({}), AbortSignal.timeout(5_000));
  expect(await written()).toEqual(["kube-proxy-windows.yaml"]);
  await component.stop();
});

test("a patch that cannot be applied is told by its health, until it is put right", async () => {
  const { component, tell } = await startedComponent();
  const patch = { type: "JSON", content: '[{"op": "remove", "path": "/nothing"}]' };
  const target = { kind: "DaemonSet", name: "calico-node-windows" };
  const signal = AbortSignal.timeout(5_000);
  tell(1);
  await becomes(both);
  const wrong = component.reconcile?.(configOf({ calico: { patches: [{ target, patch }] } }), signal);
  expect(await wrong?.catch(String)).toContain("spec.network.calico.patches[0] cannot be applied");
  expect(await component.health?.(signal)?.catch(String)).toContain(
    "cannot be applied to DaemonSet calico-node-windows",
  );
  await component.reconcile?.(configOf({}), signal);
  await component.health?.(signal);
  await component.stop();
});
