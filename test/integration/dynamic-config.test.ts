// Scenario `configchange`: the configuration of the cluster is an object in it. A good and a bad one leave their Events, a restart
// goes on with what the object says.

import { expect, test } from "bun:test";
import { type ClusterSpec, patchClusterConfig } from "../harness/cluster-config.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { bareControlPlane } from "../harness/controllers.ts";

const cluster = clusterOfFile({
  controllers: [{ name: "dynamic", args: ["--enable-dynamic-config", bareControlPlane] }],
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
  await patch({ network: { podCIDR: "10.244.0.0/16" } });
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
