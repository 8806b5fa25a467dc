// What workloads expect of a cluster: volumes, probes, policies, schedules, scaling, configuration that changes.

import { expect, test } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

/** Things that take up to a minute by themselves; started first, looked at last. */
export async function applySlowWorkloads({ applyFixture }: TestMachine): Promise<void> {
  await applyFixture("cronjob.yaml");
  await applyFixture("hpa.yaml");
  await applyFixture("config-volume.yaml");
}

const configOfReader = (node: TestMachine): Promise<string> =>
  node.kubectl("exec", "reader", "--", "cat", "/config/text");

/** What comes of it is looked at among the other workloads, a minute later. */
export function configMapTests(node: () => TestMachine): void {
  test("a ConfigMap is in the volume of a pod; it is changed", async () => {
    const { kubectl } = node();
    await kubectl("wait", "--for=condition=Ready", "pod/reader", "--timeout=240s");
    expect(await configOfReader(node())).toBe("hello");
    await kubectl("patch", "configmap", "greeting", "--type=merge", "-p", '{"data":{"text":"changed"}}');
  });
}

export function workloadTests(node: () => TestMachine): void {
  test("volumes of type hostPath and local keep what a pod writes", async () => {
    const machine = node();
    const { applyFixture, kubectl } = machine;
    await machine.ok(["mkdir", "-p", "/var/lib/k0s-test/local"]);
    await applyFixture("volumes.yaml");
    await kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/writer", "--timeout=240s");
    expect(await kubectl("logs", "writer")).toBe("from-host-path\nfrom-local\n");
    expect(await machine.readFile("/var/lib/k0s-test/host-path/file")).toBe("from-host-path\n");
    expect(await machine.readFile("/var/lib/k0s-test/local/file")).toBe("from-local\n");
  });

  test("a failing liveness probe restarts its container; the log of the earlier one can still be read", async () => {
    const machine = node();
    const { applyFixture, kubectl } = machine;
    await applyFixture("liveness.yaml");
    await kubectl("wait", "--for=condition=Ready", "pod/forgetful", "--timeout=240s");
    const first = await machine.waitFor("its words", () => kubectl("logs", "forgetful"));
    await kubectl("exec", "forgetful", "--", "rm", "/tmp/alive");
    await kubectl(
      "wait",
      "--for=jsonpath={.status.containerStatuses[0].restartCount}=1",
      "pod/forgetful",
      "--timeout=240s",
    );
    await kubectl("wait", "--for=condition=Ready", "pod/forgetful", "--timeout=240s");
    expect(first).toStartWith("life ");
    expect(await kubectl("logs", "forgetful", "--previous")).toBe(first);
    expect(await kubectl("logs", "forgetful")).not.toBe(first);
  });

  test("a policy that denies really denies", async () => {
    const machine = node();
    const { applyFixture, kubectl, tryKubectl } = machine;
    await applyFixture("network-policy.yaml");
    const url = "http://web.default.svc.cluster.local/";
    const visit = async (): Promise<number | null> =>
      (await tryKubectl("exec", "visitor", "--", "timeout", "3", "wget", "-qO-", url)).code;
    await machine.waitFor("the denial", async () => (await visit()) !== 0);
    await kubectl("label", "pod", "visitor", "access=granted");
    await machine.waitFor("the permission", async () => (await visit()) === 0);
    await kubectl("delete", "networkpolicy", "web-guarded");
  });

  test("a HorizontalPodAutoscaler reads metrics and scales", async () => {
    const { kubectl } = node();
    await kubectl("wait", "--for=condition=ScalingActive", "hpa/busy", "--timeout=240s");
    await kubectl("wait", "--for=jsonpath={.status.desiredReplicas}=2", "hpa/busy", "--timeout=240s");
    await kubectl("wait", "--for=jsonpath={.status.replicas}=2", "deployment/busy", "--timeout=240s");
    const current = await kubectl(
      "get",
      "hpa",
      "busy",
      "-o",
      "jsonpath={.status.currentMetrics[0].resource.current.averageUtilization}",
    );
    expect(Number(current)).toBeGreaterThan(0);
    await kubectl("delete", "hpa,deployment", "busy");
  });

  test("a CronJob runs", async () => {
    const machine = node();
    const { kubectl } = machine;
    const job = await machine.waitFor("a job", async () =>
      kubectl(
        "get",
        "jobs",
        "--sort-by=.metadata.creationTimestamp",
        "-o",
        "jsonpath={.items[?(@.metadata.ownerReferences[0].name=='minutely')].metadata.name}",
      ),
    );
    // Only the last few are kept.
    const name = job.split(" ").at(-1) ?? "";
    await kubectl("wait", "--for=condition=Complete", `job/${name}`, "--timeout=240s");
    expect(await kubectl("logs", `job/${name}`)).toBe("done by cron\n");
  });

  test("a changed ConfigMap reaches the volume of a running pod", async () => {
    // kubelet looks again once a minute, and its cache is another minute old at most.
    const machine = node();
    await machine.waitFor("the change", async () => (await configOfReader(machine)) === "changed", {
      intervalMs: 1_000,
    });
  });
}
