// People other than the administrator: kubeconfigs of their own, rights by RBAC. Upstream: inttest/psp/psp_test.go.

import { expect, test } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

const alice = ["su", "alice", "-c"] as const;

export function userTests(node: () => TestMachine): void {
  test("psp: a user's kubeconfig gives exactly the rights that were bound to it", async () => {
    const machine = node();
    const { kubectl } = machine;
    await machine.sh(
      "grep -q alice /etc/passwd || echo alice:x:1000:1000::/home/alice:/bin/sh >>/etc/passwd",
    );
    await machine.sh(
      "mkdir -p /home/alice && k0s kubeconfig create alice --groups staff,night >/home/alice/config",
    );
    await machine.ok(["chown", "-R", "1000:1000", "/home/alice"]);
    const asAlice = (command: string) =>
      machine.exec([...alice, `KUBECONFIG=/home/alice/config k0s kubectl ${command}`]);

    expect(await asAlice("get pods")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('pods is forbidden: User "alice" cannot list resource "pods"'),
    });
    await kubectl("create", "namespace", "hers");
    await kubectl("-n", "hers", "create", "rolebinding", "night", "--clusterrole=edit", "--group=night");
    // Rights and the account that pods run under come a moment after the namespace.
    await machine.waitFor(
      "her rights",
      async () => (await asAlice("-n hers auth can-i create pods")).stdout.trim() === "yes",
    );
    await machine.waitFor("the account", () => kubectl("-n", "hers", "get", "serviceaccount", "default"));
    const run =
      "-n hers run mine --image=localhost/k0s/toolbox:1 --image-pull-policy=Never --command -- sleep 1000";
    expect((await asAlice(run)).stdout).toBe("pod/mine created\n");
    expect((await asAlice("-n hers wait --for=condition=Ready pod/mine --timeout=240s")).code).toBe(0);
    expect((await asAlice("get nodes")).code).toBe(1);
    await kubectl("delete", "namespace", "hers", "--wait=false");
  });

  test("without a kubeconfig of their own, users are told why they cannot", async () => {
    const machine = node();
    const { code, stderr, stdout } = await machine.exec([...alice, "k0s kubectl get pods"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("permission denied");
    expect(stderr).toContain("KUBECONFIG");
  });
}
