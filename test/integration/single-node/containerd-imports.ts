// Scenario `containerdimports`: a drop-in file that appears while k0s runs is adopted, one that is wrong is refused; images
// come from a registry mirror that such a file names.

import { expect, test } from "bun:test";
import { startRegistry } from "../../harness/registry.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

const dropIn = `version = 3
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.foo]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.foo.options]
    BinaryName = "/var/lib/k0s/bin/runc"
`;

/** As clusters have it that are older than k0s' own `config_path`. */
const mirrorDropIn = `version = 3
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/k0s/certs.d"
`;

const pod = (name: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    runtimeClassName: "foo",
    terminationGracePeriodSeconds: 0,
    containers: [
      { name, image: "localhost/k0s/toolbox:1", imagePullPolicy: "Never", command: ["sleep", "1000000"] },
    ],
  },
});

export function containerdImportTests(node: () => TestMachine): void {
  test("containerdimports: a runtime of a drop-in file can be used without starting k0s again; other pods do not notice", async () => {
    const machine = node();
    const { apply, kubectl } = machine;
    // Of pods that nobody else touches: those of other tests come and go.
    const startTime = "jsonpath={..status.containerStatuses[*].state.running.startedAt}";
    const started = (): Promise<string[]> =>
      Promise.all([
        kubectl("get", "pod", "visitor", "-o", startTime),
        kubectl("-n", "kube-system", "get", "pods", "-o", startTime),
      ]);
    const pidOf = async (): Promise<string> => (await machine.readFile("/run/k0s/containerd.pid")).trim();
    const [before, pid] = [await started(), await pidOf()];

    await machine.writeFile("/etc/k0s/containerd.d/wrong.toml", "version = 3\n[plugins\n");
    await machine.waitFor("the refusal", async () =>
      (await machine.readLog("k0s")).includes("Drop-in files of containerd are wrong"),
    );
    expect(await pidOf()).toBe(pid);
    await machine.ok(["rm", "/etc/k0s/containerd.d/wrong.toml"]);

    await machine.writeFile("/etc/k0s/containerd.d/foo.toml", dropIn);
    const runtimeClass = {
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name: "foo" },
      handler: "foo",
    };
    await apply(JSON.stringify(runtimeClass));
    await machine.waitFor("containerd anew", async () => (await pidOf()) !== pid);
    await apply(JSON.stringify(pod("with-foo")));
    await kubectl("wait", "--for=condition=Ready", "pod/with-foo", "--timeout=240s");
    await kubectl("delete", "pod", "with-foo", "--now");
    expect(await started()).toEqual(before);
  });

  test("an image is pulled from the mirror of its registry", async () => {
    const machine = node();
    const { apply, kubectl } = machine;
    await using registry = await startRegistry(machine);
    await machine.ok(["mkdir", "-p", "/etc/k0s/certs.d/registry.example"]);
    await machine.writeFile(
      "/etc/k0s/certs.d/registry.example/hosts.toml",
      `server = "https://registry.example"\n[host."${registry.url}"]\n  capabilities = ["pull", "resolve"]\n`,
    );
    const pidOf = async (): Promise<string> => (await machine.readFile("/run/k0s/containerd.pid")).trim();
    const pid = await pidOf();
    await machine.writeFile("/etc/k0s/containerd.d/mirrors.toml", mirrorDropIn);
    await machine.waitFor("containerd with the mirror", async () => (await pidOf()) !== pid);
    const mirrored = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "mirrored" },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "web", image: "registry.example/k0s/web:1" }],
      },
    };
    await apply(JSON.stringify(mirrored));
    await kubectl("wait", "--for=condition=Ready", "pod/mirrored", "--timeout=240s");
    await kubectl("delete", "pod", "mirrored", "--now");
    // Its layers are here already: the bundle of the tests' images has them, too.
    expect(registry.requests()).toContain("HEAD /v2/k0s/web/manifests/1");
  });
}
