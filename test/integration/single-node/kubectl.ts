// The kubectl of the file against a running cluster: what needs one. Upstream: inttest/kubectl/kubectl_test.go.

import { expect, test } from "bun:test";
import { md5Of } from "./md5.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

export function kubectlTests(node: () => TestMachine): void {
  test("get prints a table, describe tells what happened", async () => {
    const { kubectl } = node();
    expect(await kubectl("get", "pods", "-l", "app=web")).toMatch(
      /^NAME +READY +STATUS +RESTARTS +AGE *\nweb-\S+ +1\/1 +Running/,
    );
    expect(await kubectl("get", "nodes")).toMatch(/single +Ready +control-plane .*v1\.37\.\d+\+k0s/);
    const described = await kubectl("describe", "pod", "visitor");
    expect(described).toMatch(/^Name: +visitor$/m);
    expect(described).toMatch(/Normal +Started .* kubelet/);
  });

  test("logs follow a container to its end", async () => {
    const { kubectl } = node();
    const script = "for i in 1 2 3; do echo line $i; sleep 1; done";
    await kubectl(
      "run",
      "talker",
      "--image=localhost/k0s/toolbox:1",
      "--image-pull-policy=Never",
      "--restart=Never",
      "--command",
      "--",
      "sh",
      "-c",
      script,
    );
    await kubectl(
      "wait",
      "--for=jsonpath={.status.containerStatuses[0].started}",
      "pod/talker",
      "--timeout=240s",
    );
    expect(await kubectl("logs", "-f", "talker")).toBe("line 1\nline 2\nline 3\n");
    await kubectl("delete", "pod", "talker", "--now");
  });

  test("exec passes standard input, output and the exit code on", async () => {
    const machine = node();
    const { tryKubectl } = machine;
    const argv = ["k0s", "kubectl", "exec", "-i", "visitor", "--", "wc", "-c"];
    expect((await machine.ok(argv, { input: "x".repeat(200_000) })).trim()).toBe("200000");
    expect(
      await tryKubectl("exec", "visitor", "--", "sh", "-c", "echo out; echo err >&2; exit 7"),
    ).toMatchObject({
      code: 7,
      stdout: "out\n",
      stderr: "err\ncommand terminated with exit code 7\n",
    });
  });

  test("port-forward reaches a Service from the node", async () => {
    const machine = node();
    const log = "port-forward";
    const forward = await machine.start(log, ["k0s", "kubectl", "port-forward", "service/web", "18080:80"]);
    try {
      await machine.waitFor("the forwarded port", async () =>
        (await machine.readLog(log)).includes("Forwarding from 127.0.0.1:18080 -> 8080"),
      );
      for (const _ of [1, 2])
        expect(await machine.ok(["wget", "-qO-", "http://127.0.0.1:18080/"])).toContain("nginx on web-");
    } finally {
      await forward.kill();
      await forward.exited;
    }
  });

  test("cp carries files into a pod and back", async () => {
    const machine = node();
    const { kubectl } = machine;
    await machine.sh("mkdir -p /tmp/cp/in/deep && head -c 3000000 /dev/urandom >/tmp/cp/in/deep/file");
    await kubectl("cp", "/tmp/cp/in", "visitor:/tmp/there");
    await kubectl("cp", "visitor:/tmp/there", "/tmp/cp/out");
    const sum = await md5Of(machine, "/tmp/cp/in/deep/file");
    expect(await kubectl("exec", "visitor", "--", "md5sum", "/tmp/there/deep/file")).toStartWith(sum);
    expect(await md5Of(machine, "/tmp/cp/out/deep/file")).toBe(sum);
  });

  test("top shows what nodes and pods use", async () => {
    const machine = node();
    const { tryKubectl } = machine;
    const top = (...args: readonly string[]): Promise<string> =>
      machine.waitFor(`metrics of ${args.join(" ")}`, async () => {
        const { code, stdout } = await tryKubectl("top", ...args);
        return code === 0 ? stdout : "";
      });
    expect(await top("nodes")).toMatch(/\nsingle +\d+m +\d+% +\d+Mi +\d+%/);
    expect(await top("pods", "visitor")).toMatch(/\nvisitor +\d+m +\d+Mi/);
    expect(await top("pods", "-n", "kube-system", "-l", "k8s-app=calico-node")).toMatch(
      /\ncalico-node-\S+ +\d+m +[1-9]\d*Mi/,
    );
  });

  test("server-side apply says who else has set a field", async () => {
    const machine = node();
    const { apply, kubectl } = machine;
    const manifest = (text: string): string =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "contested" },
        data: { text },
      });
    await apply(manifest("first"));
    const other = ["k0s", "kubectl", "apply", "--server-side", "--field-manager=other", "-f", "-"];
    const refused = await machine.exec(other, { input: manifest("second") });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('conflict with "kubectl": .data.text');
    await machine.ok([...other, "--force-conflicts"], { input: manifest("second") });
    expect(await kubectl("get", "configmap", "contested", "-o", "jsonpath={.data.text}")).toBe("second");
  });

  test("rollout restarts, tells when it is done, and goes back", async () => {
    const { kubectl } = node();
    const image = (): Promise<string> =>
      kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.metadata.annotations}");
    await kubectl("rollout", "restart", "deployment/web");
    expect(await kubectl("rollout", "status", "deployment/web", "--timeout=240s")).toContain(
      "successfully rolled out",
    );
    expect(await image()).toContain("restartedAt");
    expect(await kubectl("rollout", "undo", "deployment/web")).toContain("rolled back");
    await kubectl("rollout", "status", "deployment/web", "--timeout=240s");
    expect(await image()).toBe("");
  });

  test("a link named kubectl is kubectl, with plug-ins", async () => {
    const machine = node();
    const script = [
      "mkdir -p /tmp/bin && ln -sf /usr/local/bin/k0s /tmp/bin/kubectl",
      "printf '#!/bin/sh\\nkubectl get namespace \"$1\" -o name\\n' >/tmp/bin/kubectl-show_me",
      "chmod +x /tmp/bin/kubectl-show_me",
      "PATH=/tmp/bin:$PATH; kubectl get nodes -o name && kubectl show-me default",
    ].join(" && ");
    expect(await machine.sh(script)).toEqual(
      expect.objectContaining({ code: 0, stdout: "node/single\nnamespace/default\n", stderr: "" }),
    );
  });

  test("version names both sides as built by k0s", async () => {
    const { kubectl } = node();
    const { clientVersion, serverVersion } = JSON.parse(await kubectl("version", "-o", "json")) as {
      clientVersion: { gitVersion: string; gitCommit: string; gitTreeState: string };
      serverVersion: { gitVersion: string };
    };
    expect(serverVersion.gitVersion).toContain("+k0s");
    expect(clientVersion).toMatchObject({ gitCommit: "not_available", gitTreeState: "" });
  });
}
