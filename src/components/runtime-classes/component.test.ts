import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeSystemStack, writeSystemStack } from "../../deployer/system-stack-files.ts";
import type { KubeClient, WatchOptions } from "../../kube/client.ts";
import type { KubeObject, WatchEvent } from "../../kube/types.ts";
import { pause, pollUntil } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { claimedBy } from "./claimed.ts";
import { runtimeClasses } from "./component.ts";
import { runtimeClass } from "./manifest.ts";

let manifestsDir: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  manifestsDir = await mkdtemp(join(tmpdir(), "k0s-classes-"));
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await rm(manifestsDir, { recursive: true, force: true });
});

const marks = { "k0s.k0sproject.io/stack": "runtime-classes" };
const helms = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  annotations: { "meta.helm.sh/release-name": "gpu" },
};
const classOf = (name: string, metadata: object): KubeObject => ({
  ...runtimeClass(name),
  metadata: { name, ...metadata },
});

/** `present`: what the cluster has of RuntimeClasses, which may change. */
async function started(present: Map<string, KubeObject> = new Map()) {
  const asked: string[] = [];
  let tell: (names: readonly string[]) => void = () => undefined;
  async function* watch(_kind: unknown, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    const { signal = new AbortController().signal } = options;
    options.onOpen?.();
    for (let before = ""; !signal.aborted; await pause(5, signal)) {
      const now = JSON.stringify([...present]);
      const [object] = present.values();
      if (now !== before && object !== undefined) yield { type: "MODIFIED", object };
      before = now;
    }
  }
  const client = {
    list: async () => ({ items: [...present.values()], resourceVersion: "1" }),
    watch,
    async apply(object: KubeObject) {
      asked.push(`give up ${JSON.stringify(object)}`);
      const { metadata } = present.get(object.metadata.name ?? "") ?? object;
      const { "k0s.k0sproject.io/stack": _, ...labels } = metadata.labels ?? {};
      present.set(object.metadata.name ?? "", { ...object, metadata: { ...metadata, labels } });
      return object;
    },
  } as unknown as KubeClient;
  const component = runtimeClasses({
    client: async () => client,
    paths: { manifestsDir },
    stacks: {
      async setStack(name, files) {
        const names = [...files.values()].flatMap((all) => all.map(({ metadata }) => metadata.name)).join();
        if (asked.at(-1) !== names) asked.push(names);
        await writeSystemStack(join(manifestsDir, name), files, undefined);
      },
      async removeStack(name) {
        asked.push(`remove ${name}`);
        await removeSystemStack(join(manifestsDir, name));
      },
    },
    nodes: { onRuntimes: (listener) => ((tell = listener), () => (tell = () => undefined)) },
    log: silentLog,
  });
  await component.start(AbortSignal.timeout(20_000));
  stops.push(() => component.stop());
  const become = (...wanted: string[]): Promise<unknown> =>
    pollUntil(() => Bun.deepEquals(asked, wanted), {
      what: wanted.join(" "),
      intervalMs: 5,
      timeoutMs: 10_000,
    });
  return { asked, become, tell: (...names: string[]) => tell(names) };
}

test("a class is there while a node offers its runtime; names that k0s does not know are none of its own", async () => {
  const { become, tell } = await started();
  tell();
  tell("crun", "strange");
  await become("crun");
  tell("crun", "nvidia");
  await become("crun", "nvidia,crun");
  tell();
  await become("crun", "nvidia,crun", "remove runtime-classes");
});

const givenUp = (name: string): string =>
  `give up ${JSON.stringify({ apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name }, handler: name })}`;

test("a class that somebody else has made is left alone", async () => {
  const { become, tell } = await started(
    new Map([
      ["nvidia", classOf("nvidia", {})],
      ["crun", classOf("crun", { labels: marks })],
    ]),
  );
  tell("crun", "nvidia");
  await become("crun");
});

test("a class that Helm wants is given up before its manifest goes, and k0s makes its own when Helm's has gone", async () => {
  const present = new Map([["nvidia", classOf("nvidia", { labels: marks })]]);
  const { become, tell } = await started(present);
  tell("crun", "nvidia");
  await become("nvidia,crun");
  present.set("nvidia", classOf("nvidia", { ...helms, labels: { ...helms.labels, ...marks } }));
  await become("nvidia,crun", givenUp("nvidia"), "crun");
  present.delete("nvidia");
  present.set("other", classOf("other", {}));
  await become("nvidia,crun", givenUp("nvidia"), "crun", "nvidia,crun");
});

test("a class that is wanted goes to who wants it, not away, also when no node offers it any more", async () => {
  await writeSystemStack(
    join(manifestsDir, "runtime-classes"),
    new Map([["runtime-classes.yaml", [runtimeClass("nvidia")]]]),
    undefined,
  );
  const { become, tell } = await started(
    new Map([["nvidia", classOf("nvidia", { ...helms, labels: { ...helms.labels, ...marks } })]]),
  );
  tell();
  await become(givenUp("nvidia"), "remove runtime-classes");
});

test("a class is given up as it is: this one alone, with the handler that somebody has made it with again", async () => {
  const claimed = classOf("nvidia", { ...helms, labels: { ...helms.labels, ...marks }, uid: "u-7" });
  const { become, tell } = await started(new Map([["nvidia", { ...claimed, handler: "nvidia-cdi" }]]));
  tell("nvidia");
  const metadata = { name: "nvidia", uid: "u-7" };
  const bare = { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata, handler: "nvidia-cdi" };
  await become(`give up ${JSON.stringify(bare)}`);
});

test("who wants a class is told by Helm's marks, owners, kubectl's, and by who set its handler", () => {
  const by = (metadata: object) => claimedBy(classOf("nvidia", metadata));
  expect(by({ labels: marks })).toBeUndefined();
  expect(by(helms)).toBe("Helm's release gpu");
  expect(by({ labels: helms.labels })).toBe("Helm");
  const owner = { apiVersion: "nvidia.com/v1", kind: "ClusterPolicy", name: "gpu", uid: "u" };
  expect(by({ ownerReferences: [owner] })).toBe("ClusterPolicy gpu");
  const applied = { "kubectl.kubernetes.io/last-applied-configuration": "{}" };
  expect(by({ annotations: applied })).toBe("kubectl apply");
  const managed = (manager: string, fieldsV1: object) => ({ managedFields: [{ manager, fieldsV1 }] });
  expect(by(managed("gpu-operator", { "f:handler": {} }))).toBe("gpu-operator");
  expect(by(managed("k0s", { "f:handler": {} }))).toBeUndefined();
  expect(by(managed("kubectl-edit", { "f:scheduling": {} }))).toBeUndefined();
});

test("pods of a class come to nodes that have the runtime", () => {
  expect(runtimeClass("crun")).toEqual({
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "crun" },
    handler: "crun",
    scheduling: { nodeSelector: { "k0s.k0sproject.io/runtime-crun": "true" } },
  });
});
