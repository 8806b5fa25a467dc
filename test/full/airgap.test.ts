// Scenario `airgap`: bundles that are made against trouble, and a node without a network that starts with one.

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hostPlatform } from "../../build/platform.ts";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { type Distribution, startDistribution } from "../harness/distribution.ts";
import { noiseImage } from "../harness/push-image.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { withMachine } from "../harness/with-machine.ts";

const imagesDir = "/var/lib/k0s/images";
const work = "/root/airgap";

const cluster = clusterOfFile({
  controllers: [
    singleNode({
      noRoutes: true,
      demoImages: false,
      prepare: async (machine) => {
        await machine.ok(["mkdir", "-p", imagesDir]);
        await machine.writeFile(`${imagesDir}/demo.tar`, await readFile(await buildDemoImages()));
      },
    }),
  ],
});

const pinned = async (machine: TestMachine, image: string): Promise<boolean> =>
  (await machine.k0s("ctr", "images", "ls", `name==${image}`)).includes("cri-containerd.pinned=pinned");

test("airgap: a bundle that is there at the start serves pods that must not pull", async () => {
  const machine = cluster.controller;
  const image = "localhost/k0s/toolbox:1";
  const container = { name: "tool", image, imagePullPolicy: "Never", command: ["sleep", "1000000"] };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "tool" },
    spec: { containers: [container] },
  };
  await machine.apply(JSON.stringify(pod));
  await machine.kubectl("wait", "--for=condition=Ready", "pod/tool", "--timeout=240s");
  expect(await pinned(machine, image)).toBe(true);
  await machine.kubectl("delete", "pod", "tool", "--now");
  const { code } = await machine.exec(["k0s", "ctr", "images", "pull", "registry.example/none:1"]);
  expect(code).not.toBe(0);
});

test("a file that is copied slowly, with a stop in between, is read once it is whole", async () => {
  const machine = cluster.controller;
  const images = (await machine.k0s("airgap", "list-images", "--all")).trim().split("\n");
  const unused = images.find((image) => image.includes("kube-router")) ?? "";
  expect(await pinned(machine, unused)).toBe(false);
  await machine.ok(["k0s", "airgap", "bundle-artifacts", "-o", "/root/router.tar", unused]);
  const size = Number((await machine.ok(["stat", "-c", "%s", "/root/router.tar"])).trim());
  const slowly = `exec >${imagesDir}/router.tar; head -c ${Math.floor(size / 2)} /root/router.tar; sleep 8; tail -c +${Math.floor(size / 2) + 1} /root/router.tar; sleep 3`;
  await machine.ok(["sh", "-c", slowly]);
  await machine.waitFor("the import", () => pinned(machine, unused));
  expect(await machine.readLog("k0s")).not.toContain("cannot be imported");
  await machine.ok(["rm", `${imagesDir}/router.tar`]);
  await machine.waitFor("the end of the pin", async () => !(await pinned(machine, unused)));
});

test("a restart imports nothing again, and a damaged file is named again", async () => {
  const machine = cluster.controller;
  await machine.ok(["sh", "-c", `head -c 5000 /root/router.tar > ${imagesDir}/short.tar`]);
  await machine.stopK0s();
  await machine.restartK0s();
  await machine.clusterReady();
  await machine.waitFor("the damaged one in the status", async () =>
    (await machine.exec(["k0s", "status"])).stdout.includes("the image bundle short.tar cannot be imported"),
  );
  expect(await machine.k0sLog()).not.toContain("Image bundle is imported");
  await machine.ok(["rm", `${imagesDir}/short.tar`]);
  await machine.waitFor("good health", () => machine.k0s("status"));
});

const port = 5443;
const name = `127.0.0.1:${port}/team/noise:1`;

/** The command, with access to the registry. */
function bundling(output: string): string[] {
  const access = ["--registries-config", `${work}/config.json`, "--certificate-authority", `${work}/ca.crt`];
  return ["k0s", "airgap", "bundle-artifacts", ...access, "-o", `${work}/${output}`, name];
}

async function withRegistry(
  machine: TestMachine,
  bytes: number,
  run: (registry: Distribution) => Promise<void>,
): Promise<void> {
  const noise = { as: "team/noise:1", ...noiseImage(bytes, hostPlatform().arch) };
  const networkNamespace = machine.networkNamespace();
  await using registry = await startDistribution({ images: [noise], port, networkNamespace });
  await machine.ok(["mkdir", "-p", work]);
  await machine.writeFile(`${work}/config.json`, registry.dockerConfig, 0o600);
  await machine.writeFile(`${work}/ca.crt`, registry.ca);
  await run(registry);
}

/** Bytes that have come of what is being fetched. */
function fetched(machine: TestMachine, output: string): number {
  const dir = machine.hostPath(`${work}/.${output}.k0s-fetched`);
  if (!existsSync(dir)) return 0;
  let bytes = 0;
  for (const part of new Bun.Glob("*.part").scanSync({ cwd: dir })) bytes += Bun.file(join(dir, part)).size;
  return bytes;
}

test("a bundle that was interrupted or killed goes on where it was, and is the same in the end", async () => {
  await withMachine({}, async (machine) => {
    await withRegistry(machine, 300_000_000, async (registry) => {
      await machine.ok(bundling("whole.tar"));
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const output = `${signal}.tar`;
        const begun = await machine.start(signal, bundling(output));
        await machine.waitFor("some bytes", async () => fetched(machine, output) > 0, {
          intervalMs: 10,
        });
        registry.pause();
        await begun.kill(signal);
        await begun.exited;
        registry.goOn();
        const had = fetched(machine, output);
        expect(had).toBeGreaterThan(0);
        expect(had).toBeLessThan(300_000_000);
        expect((await machine.exec(["test", "-e", `${work}/${output}`])).code).not.toBe(0);
        await machine.ok(bundling(output));
        await machine.ok(["cmp", `${work}/whole.tar`, `${work}/${output}`]);
        expect(registry.requests().filter((line) => line.endsWith(" 206")).length).toBeGreaterThan(0);
      }
      expect(await machine.readLog("SIGTERM")).toContain("the same command goes on from there");
      expect(await machine.ok(["ls", "-A", work])).not.toContain("k0s-fetched");
    });
  });
});

test("standard output gets the same bytes, and two of the same name do not disturb each other", async () => {
  await withMachine({}, async (machine) => {
    await withRegistry(machine, 50_000_000, async (registry) => {
      await machine.ok(bundling("file.tar"));
      const toOutput = bundling("-").map((word) => (word === `${work}/-` ? "-" : word));
      await machine.ok(["sh", "-c", `${toOutput.join(" ")} > ${work}/piped.tar`]);
      await machine.ok(["cmp", `${work}/file.tar`, `${work}/piped.tar`]);
      registry.pause();
      const first = await machine.start("first", bundling("same.tar"));
      await machine.waitFor(
        "the first one",
        async () => (await machine.exec(["test", "-e", `${work}/.same.tar.k0s-fetched/lock`])).code === 0,
      );
      const second = await machine.exec(bundling("same.tar"));
      expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("another k0s fetches into")]);
      registry.goOn();
      expect(await first.exited).toBe(0);
      await machine.ok(["cmp", `${work}/file.tar`, `${work}/same.tar`]);
    });
  });
});
