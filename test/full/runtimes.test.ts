// Runtimes that a host has beside runc, settings of containerd that are out of date or wrong, and a registry that asks for
// credentials and has a certificate by an authority of its own. Scenarios `containerd-deprecations` and, with etcd, `singlenode`.

import { expect, test } from "bun:test";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { openImageArchive } from "../../src/oci/archive-reader.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { startDistribution } from "../harness/distribution.ts";
import { withOwnId } from "../harness/push-image.ts";
import { singleNode } from "../harness/single-node.ts";

const cluster = clusterOfFile({ controllers: [singleNode()], spec: { storage: { type: "etcd" } } });
const dropIns = "/etc/k0s/containerd.d";
const crun = "/usr/local/bin/crun";
const calls = "/run/crun-calls";
const label = "jsonpath={.items[0].metadata.labels.k0s\\.k0sproject\\.io/runtime-crun}";
const condition = (field: string): string =>
  `jsonpath={.items[0].status.conditions[?(@.type=="ContainerdHasNoDeprecations")].${field}}`;
const nodes = (path: string): Promise<string> => cluster.kubectl("get", "nodes", "-o", path);
const classes = (): Promise<string> => cluster.kubectl("get", "runtimeclasses", "-o", "name");

const pod = (name: string, image: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name, image }], ...spec },
  });
const ready = (name: string): Promise<string> =>
  cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=240s");

test("a single node that begins with etcd has it, and one member", async () => {
  const { controller: machine } = cluster;
  expect(Object.keys(await machine.etcdMembers())).toEqual(["single"]);
  const status = JSON.parse(await machine.k0s("status", "-o", "json")) as Record<string, unknown>;
  expect(status).toMatchObject({ SingleNode: true, Workloads: true });
  expect(JSON.stringify(status["Components"])).toContain('"name":"etcd"');
  expect(JSON.stringify(status["Components"])).not.toContain('"name":"kine"');
});

test("a runtime that is installed while k0s runs is offered: a handler, a label, a class; its pods run with it", async () => {
  const { controller: machine } = cluster;
  expect(await classes()).toBe("");
  expect((await machine.k0s("status")).includes("Container runtimes")).toBe(false);
  // A real one, that notes its calls.
  await machine.writeFile(crun, `#!/bin/sh\necho "$@" >>${calls}\nexec /var/lib/k0s/bin/runc "$@"\n`, 0o755);
  await machine.waitFor("the label", async () => (await nodes(label)) === "true", { timeoutMs: 180_000 });
  await machine.waitFor("the class", async () => (await classes()) === "runtimeclass.node.k8s.io/crun\n");
  await cluster.apply(pod("with-crun", "localhost/k0s/web:1", { runtimeClassName: "crun" }));
  await ready("with-crun");
  expect(await machine.readFile(calls)).toContain("create");
  expect(await machine.k0s("status")).toMatch(/Container runtimes: +crun, runc/);
  const { stdout } = await machine.exec(["k0s", "sysinfo", "-o", "json"]);
  expect(stdout).toContain(`crun (${crun})`);
  await cluster.kubectl("delete", "pod", "with-crun", "--now");
});

test("a class that Helm wants is given up as a whole, and comes back when Helm's has gone", async () => {
  const { controller: machine } = cluster;
  const stack = "k0s.k0sproject.io/stack";
  const found = (): Promise<string> => cluster.kubectl("get", "runtimeclass", "crun", "-o", "json");
  const uid = (await found()).match(/"uid": "([^"]+)"/)?.[1] ?? "none";
  await cluster.kubectl("label", "runtimeclass", "crun", "app.kubernetes.io/managed-by=Helm");
  await cluster.kubectl("annotate", "runtimeclass", "crun", "meta.helm.sh/release-name=gpu");
  await machine.waitFor("it being given up", async () => !(await found()).includes(stack));
  await machine.waitFor("the end of its manifest", async () => {
    const { code } = await machine.exec(["test", "-e", "/var/lib/k0s/manifests/runtime-classes"]);
    return code === 1;
  });
  // The deployer looks again at what has no manifest any more.
  await Bun.sleep(15_000);
  expect(await found()).toContain(uid);
  expect(await found()).not.toContain("nodeSelector");
  await cluster.kubectl("delete", "runtimeclass", "crun");
  await machine.waitFor("a class of k0s' own", async () => (await classes()).includes("/crun"));
  await machine.waitFor("its marks", async () => (await found()).includes(stack));
});

test("containerd-deprecations: settings that a later containerd drops are told by a condition, an Event and the status, until they go", async () => {
  const { controller: machine } = cluster;
  // A host with cgroup v1 always has something that is out of date.
  await machine.writeFile(
    `${dropIns}/known.toml`,
    `version = 3\n[plugins."io.containerd.cri.v1.runtime"]\n  ignore_deprecation_warnings = ["io.containerd.deprecation/cgroup-v1"]\n`,
  );
  await machine.waitFor("the condition", async () => (await nodes(condition("status"))) === "True");
  const file = `${dropIns}/old-mirrors.toml`;
  await machine.writeFile(
    file,
    `version = 3\n[plugins."io.containerd.cri.v1.images".registry.mirrors."registry.example"]\n  endpoint = ["https://mirror.example"]\n`,
  );
  await machine.waitFor("what is out of date", async () => (await nodes(condition("status"))) === "False");
  expect(await nodes(condition("reason"))).toBe("DeprecationsDetected");
  const events = "jsonpath={.items[?(@.reason=='ContainerdDeprecationDetected')].message}";
  await machine.waitFor("the Event", async () =>
    (await cluster.kubectl("get", "events", "-o", events)).includes("deprecation/cri-registry-mirrors"),
  );
  await machine.waitFor("the status", async () =>
    (await machine.exec(["k0s", "status"])).stdout.includes("Outdated settings of containerd"),
  );
  await machine.ok(["rm", file]);
  await machine.waitFor("its end", async () => (await nodes(condition("status"))) === "True");
});

test("a drop-in file that would break the node is refused with its line, while it runs and before it starts", async () => {
  const { controller: machine } = cluster;
  const pidOf = (): Promise<string> => machine.readFile("/run/k0s/containerd.pid");
  const pid = await pidOf();
  const file = `${dropIns}/wrong.toml`;
  // containerd itself begins with it, without its part for pods.
  await machine.writeFile(
    file,
    `version = 3\n\n[plugins."io.containerd.cri.v1.runtime".cni]\n  bin_dir = "/opt/cni/bin"\n`,
  );
  await machine.waitFor("the refusal", async () =>
    (await machine.readLog("k0s")).includes(`${file}: line 4: bin_dir cannot stand beside`),
  );
  expect(await pidOf()).toBe(pid);
  await machine.stopK0s();
  const begun = await machine.restartK0s();
  expect(await begun.exited).not.toBe(0);
  expect(await machine.k0sLog()).toContain(`${file}, line 4`);
  await machine.ok(["rm", file]);
});

test("a runtime that is gone at the next start is offered no more", async () => {
  const { controller: machine } = cluster;
  await machine.ok(["rm", crun]);
  await machine.restartK0s();
  await machine.clusterReady();
  await machine.waitFor("the end of the label", async () => (await nodes(label)) === "");
  await machine.waitFor("the end of the class", async () => (await classes()) === "");
});

test("a private registry with its own authority: nothing without, a pull with a Secret, and with hosts.toml", async () => {
  const { controller: machine } = cluster;
  await using archive = await openImageArchive(await buildDemoImages(), new AbortController().signal);
  const web = archive.images.find(({ ref }) => ref === "localhost/k0s/web:1");
  if (web === undefined) throw new Error("the demo images have no web server");
  const images = await Promise.all(
    ["secret:1", "file:1"].map(async (as) => ({ as: `team/${as}`, ...(await withOwnId(web, archive)) })),
  );
  await using registry = await startDistribution({
    images,
    port: 5443,
    address: machine.address,
    networkNamespace: machine.networkNamespace(),
  });
  const imageOf = (name: string): string => `${registry.name}/team/${name}:1`;
  const why = (name: string): Promise<string> =>
    cluster.kubectl("get", "events", "-o", `jsonpath={.items[?(@.involvedObject.name=='${name}')].message}`);
  const fails = (name: string, words: RegExp): Promise<unknown> =>
    machine.waitFor(`${name} not to be pulled`, async () => words.test(await why(name)));

  await cluster.apply(pod("stranger", imageOf("secret")));
  await fails("stranger", /x509|certificate/);
  const dir = `/etc/k0s/certs.d/${registry.name}`;
  await machine.ok(["mkdir", "-p", dir]);
  await machine.writeFile(`${dir}/ca.crt`, registry.ca);
  const server = `server = "https://${registry.name}"\n[host."https://${registry.name}"]\n  ca = "${dir}/ca.crt"\n`;
  await machine.writeFile(`${dir}/hosts.toml`, server);
  await cluster.apply(pod("nobody", imageOf("secret")));
  await fails("nobody", /authorization failed|401|no basic auth/i);

  await cluster.apply(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "team" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": registry.dockerConfig },
    }),
  );
  await cluster.apply(pod("with-secret", imageOf("secret"), { imagePullSecrets: [{ name: "team" }] }));
  await ready("with-secret");

  const basic = btoa(`${registry.user}:${registry.password}`);
  await machine.writeFile(
    `${dir}/hosts.toml`,
    `${server}[host."https://${registry.name}".header]\n  Authorization = "Basic ${basic}"\n`,
    0o600,
  );
  await cluster.apply(pod("with-file", imageOf("file")));
  await ready("with-file");
  await cluster.kubectl("delete", "pod", "stranger", "nobody", "with-secret", "with-file", "--now");
});
