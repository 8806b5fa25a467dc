import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeSystemStack, writeSystemStack } from "../../deployer/system-stack-files.ts";
import type { KubeObject } from "../../kube/types.ts";
import { pollUntil } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
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

/** `present`: labels of the RuntimeClasses that the cluster has. */
async function started(present: Readonly<Record<string, Record<string, string>>>) {
  const asked: string[] = [];
  let tell: (names: readonly string[]) => void = () => undefined;
  const find = async ({ name = "" }: { name?: string }): Promise<KubeObject | undefined> =>
    present[name] === undefined ? undefined : { ...runtimeClass(name), metadata: { labels: present[name] } };
  const component = runtimeClasses({
    client: async () => ({ find }) as never,
    paths: { manifestsDir },
    stacks: {
      async setStack(name, files) {
        asked.push([...files.values()].flatMap((all) => all.map(({ metadata }) => metadata.name)).join());
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
  const { become, tell } = await started({});
  tell();
  tell("crun", "strange");
  await become("crun");
  tell("crun", "nvidia");
  await become("crun", "nvidia,crun");
  tell();
  await become("crun", "nvidia,crun", "remove runtime-classes");
});

test("a class that somebody else has made is left alone", async () => {
  const own = { "k0s.k0sproject.io/stack": "runtime-classes" };
  const { become, tell } = await started({ nvidia: {}, crun: own });
  tell("crun", "nvidia");
  await become("crun");
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
