// Scenario `configchange`: the configuration of the cluster is an object in it. A good and a bad one leave their Events, a restart
// goes on with what the object says.

import { expect, test } from "bun:test";
import { type ClusterSpec, patchClusterConfig } from "../harness/cluster-config.ts";
import { clusterOfFile } from "../harness/cluster.ts";

const cluster = clusterOfFile({
  // CoreDNS for its patches.
  controllers: [
    {
      name: "dynamic",
      args: [
        "--enable-dynamic-config",
        "--disable-components=metrics-server,network-provider,konnectivity-server",
      ],
    },
  ],
});

const schedulerArgs = async (): Promise<string> => {
  const pid = (await cluster.controller.ok(["cat", "/run/k0s/kube-scheduler.pid"])).trim();
  return (await cluster.controller.ok(["cat", `/proc/${pid}/cmdline`])).replaceAll("\0", " ");
};

const patch = (spec: ClusterSpec): Promise<string> => patchClusterConfig(cluster.controller, spec);

const events = (): Promise<string> => cluster.controller.k0s("config", "status", "-o", "yaml");

test("the object is there, without what is each controller's own", async () => {
  const { controller } = cluster;
  const object = ["get", "clusterconfig", "k0s", "-n", "kube-system", "-o", "json"];
  await controller.waitFor("the object", async () => (await controller.tryKubectl(...object)).code === 0);
  const text = await controller.kubectl(...object);
  const { spec } = JSON.parse(text) as { spec: Record<string, unknown> };
  expect(Object.keys(spec)).not.toContain("api");
  expect(Object.keys(spec)).not.toContain("storage");
  await controller.waitFor("an Event", async () => (await events()).includes("SuccessfulReconcile"));
});

test("a change of the object is adopted, one that cannot be is refused with its path", async () => {
  const { controller } = cluster;
  await patch({ scheduler: { extraArgs: { "kube-api-qps": "63" } } });
  await controller.waitFor("the new flag", async () => (await schedulerArgs()).includes("--kube-api-qps=63"));
  await patch({ network: { podCIDR: "10.200.0.0/16" } });
  await controller.waitFor("the refusal", async () =>
    (await events()).includes("spec.network.podCIDR cannot change"),
  );
  expect(await events()).toContain("FailedReconciling");
  const status = await controller.exec(["k0s", "config", "status"]);
  expect(status).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("\n  spec.network.podCIDR cannot change: the cluster was made with it"),
  });
  await patch({ network: { podCIDR: "10.244.0.0/16" } });
  await controller.waitFor(
    "the good one",
    async () => (await controller.exec(["k0s", "config", "status"])).code === 0,
  );
  const [first = "", ...rest] = status.stdout.trim().split("\n");
  expect(first).toContain("LAST SEEN");
  expect(rest.at(-1)).toContain("FailedReconciling");
  expect(status.stdout).not.toContain("Stack");
});

test("k0s config edit changes it with the editor of the person", async () => {
  const { controller } = cluster;
  await controller.writeFile("/root/editor", '#!/bin/sh\nsed -i \'s/"63"/"64"/\' "$1"\n', 0o755);
  await controller.ok(["env", "KUBE_EDITOR=/root/editor", "k0s", "config", "edit"]);
  await controller.waitFor("the new flag", async () => (await schedulerArgs()).includes("--kube-api-qps=64"));
});

test("a password that stands in it is warned of", async () => {
  const { controller } = cluster;
  const repository = { name: "shop", url: "https://shop.example", username: "u", password: "pass-w0rd" };
  await patch({ extensions: { helm: { repositories: [repository] } } });
  const { stderr } = await controller.exec(["k0s", "config", "status"]);
  expect(stderr).toContain(
    "Warning: spec.extensions.helm.repositories[0].password: the password can be read",
  );
  await patch({ extensions: { helm: { repositories: [] } } });
  expect((await controller.exec(["k0s", "config", "status"])).stderr).not.toContain("Warning");
});

test("a file gives the part of the cluster", async () => {
  const { controller } = cluster;
  await controller.writeFile("/root/new.yaml", "spec: {scheduler: {extraArgs: {kube-api-qps: '65'}}}\n");
  const plan = await controller.k0s("config", "plan", "--config", "/root/new.yaml");
  expect(plan).toContain("+ --kube-api-qps=65");
  await controller.k0s("config", "apply", "--config", "/root/new.yaml");
  expect(await schedulerArgs()).toContain("--kube-api-qps=65");
  const args = "jsonpath={.spec.scheduler.extraArgs.kube-api-qps}";
  expect(await controller.kubectl("get", "clusterconfig", "k0s", "-n", "kube-system", "-o", args)).toBe("65");
});

test("a file tells what it changes and does not, in the object and in what runs", async () => {
  const { controller } = cluster;
  const apply = async (spec: ClusterSpec, action = "apply") => {
    await controller.writeFile("/root/new.yaml", JSON.stringify({ spec }));
    return controller.exec(["k0s", "config", action, "--config", "/root/new.yaml"], { timeoutMs: 240_000 });
  };
  const asked = { scheduler: { extraArgs: { "kube-api-qps": "66" } } };
  expect(await apply(asked)).toMatchObject({
    code: 0,
    stdout: "The configuration is adopted: 1 changed field.\n",
  });
  const hardened = await apply({ ...asked, hardening: "cis" }, "plan");
  expect([hardened.code, hardened.stdout]).toEqual([
    2,
    expect.stringContaining("  spec.hardening: each controller's own"),
  ]);

  const content = '{"spec": {"replicas": {"a": 1}}}';
  const patched = (name: string): ClusterSpec => ({
    ...asked,
    network: {
      coreDNS: {
        patches: [{ target: { kind: "Deployment", name }, patch: { type: "MergePatch", content } }],
      },
    },
  });
  for (const [name, words] of [
    ["coredns", "spec.network.coreDNS.patches[0] (Deployment coredns): the API server refuses"],
    ["cordns", "spec.network.coreDNS.patches[0] (Deployment cordns) names no object"],
  ] as const)
    for (const action of ["plan", "apply"]) {
      const { code, stderr } = await apply(patched(name), action);
      expect([name, action, code, stderr]).toEqual([name, action, 1, expect.stringContaining(words)]);
    }
  const tries = async (): Promise<number> =>
    (await events()).split("the configuration was taken back").length - 1;
  const before = await tries();
  const failed = await apply({ scheduler: { extraArgs: { "no-such-flag": "1" } } });
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("unknown flag: --no-such-flag")]);
  expect((await tries()) - before).toBe(1);
  await patch({ scheduler: { extraArgs: { "no-such-flag": null } } });
});

test("a mistake in the object is told by each command, until it is put right", async () => {
  const { controller } = cluster;
  await patch({ workerProfiles: [{ name: "default", values: { maxPodz: 5 } }] });
  const words = "\n  spec.workerProfiles[0].values.maxPodz: ";
  const code = (...command: string[]) => controller.exec(["k0s", "config", ...command]);
  await controller.waitFor("the word", async () => (await code("status")).code === 1);
  for (const command of ["status", "plan", "apply"]) {
    const { code: ended, stderr } = await code(command);
    expect([command, ended, stderr]).toEqual([command, 1, expect.stringContaining(words)]);
  }
  await patch({ workerProfiles: [], scheduler: { extraArgs: { "kube-api-qps": "65" } } });
  await controller.waitFor("the good one", async () => (await code("status")).code === 0);
});

test("a start goes on with what the object says, whatever the file says", async () => {
  const { controller } = cluster;
  await controller.stopK0s();
  await controller.restartK0s();
  await controller.apiReady();
  await controller.waitFor("kube-scheduler", async () =>
    (await schedulerArgs()).includes("--kube-api-qps=65"),
  );
  expect(await controller.readFile("/var/lib/k0s/cluster-config.yaml")).toContain("kube-api-qps");
  await controller.waitFor("good health", () => controller.k0s("status"));
});
