// A changed k0s.yaml, looked at, adopted, refused and taken back, while pods run.

import { expect, test } from "bun:test";
import { configFile, writeClusterConfig } from "../../harness/cluster-config.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

export function liveConfigurationTests(node: () => TestMachine): void {
  const argsOf = async (name: string): Promise<string> => {
    const pid = (await node().ok(["cat", `/run/k0s/${name}.pid`])).trim();
    return (await node().ok(["cat", `/proc/${pid}/cmdline`])).replaceAll("\0", " ");
  };
  const reasons = (): Promise<string> => {
    const of = ["get", "events", "-n", "kube-system", "--field-selector", "involvedObject.name=k0s"];
    return node().kubectl(...of, "-o", "jsonpath={range .items[*]}{.reason}: {.message}{'\\n'}{end}");
  };
  const visitor = (): Promise<string> =>
    node().kubectl("get", "pod", "visitor", "-o", "jsonpath={.status.containerStatuses[0].containerID}");
  const apply = (): ReturnType<TestMachine["exec"]> =>
    node().exec(["k0s", "config", "apply"], { timeoutMs: 240_000 });

  test("a changed file is shown, then adopted, and pods run on", async () => {
    const machine = node();
    const before = await visitor();
    expect(await machine.k0s("config", "diff")).toBe("The configuration is as the controller runs it.\n");
    const edit = await machine.exec(["k0s", "config", "edit"]);
    expect([edit.code, edit.stderr]).toEqual([
      1,
      expect.stringContaining("no configuration is kept in this cluster"),
    ]);
    await writeClusterConfig(machine, {
      api: { extraArgs: { "max-requests-inflight": "399" } },
      scheduler: { extraArgs: { "kube-api-qps": "61" } },
      workerProfiles: [{ name: "default", values: { maxPods: 97 } }],
    });
    const plan = await machine.k0s("config", "plan");
    expect(plan).toContain('  spec.scheduler.extraArgs.kube-api-qps: "61" is added\n');
    expect(plan).toMatch(/ {2}kube-apiserver: starts again.*\n {4}\+ --max-requests-inflight=399\n/);
    expect(plan).toContain("  kubelet: starts again on nodes that it concerns");
    expect(await argsOf("kube-scheduler")).not.toContain("--kube-api-qps");

    expect(await apply()).toMatchObject({
      code: 0,
      stdout: "The configuration is adopted: 3 changed fields.\n",
    });
    expect(await argsOf("kube-scheduler")).toContain("--kube-api-qps=61");
    expect(await argsOf("kube-apiserver")).toContain("--max-requests-inflight=399");
    await machine.waitFor(
      "kubelet with the profile",
      async () =>
        (await machine.kubectl("get", "node", "single", "-o", "jsonpath={.status.capacity.pods}")) === "97",
    );
    expect(await visitor()).toBe(before);
    expect(await reasons()).toContain("SuccessfulReconcile: Successfully reconciled cluster config\n");
  });

  test("what cannot change is refused with its path, and nothing is done", async () => {
    await writeClusterConfig(node(), {
      scheduler: { extraArgs: { "kube-api-qps": "62" } },
      network: { podCIDR: "10.200.0.0/16" },
    });
    const planned = await node().exec(["k0s", "config", "plan", "-o", "json"]);
    expect(planned.code).toBe(2);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      refused: [{ field: "spec.network.podCIDR" }],
      steps: [],
    });
    const applied = await apply();
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain("spec.network.podCIDR cannot change: the cluster was made with it");
    expect(await argsOf("kube-scheduler")).toContain("--kube-api-qps=61");
  });

  test("what does not run is taken back", async () => {
    await writeClusterConfig(node(), { scheduler: { extraArgs: { "no-such-flag": "1" } } });
    const applied = await apply();
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain("the configuration was taken back");
    expect(applied.stderr).toContain("unknown flag: --no-such-flag");
    expect(await argsOf("kube-scheduler")).toContain("--kube-api-qps=61");
    await node().waitFor("good health", () => node().k0s("status"));
    expect(await reasons()).toContain("FailedReconciling: the configuration was taken back");
  });

  test("SIGHUP has the file read again", async () => {
    const machine = node();
    await machine.ok(["rm", configFile]);
    const { Pid } = JSON.parse(await machine.k0s("status", "-o", "json")) as { Pid: number };
    await machine.ok(["kill", "-HUP", String(Pid)]);
    await machine.waitFor(
      "the flags of the first start",
      async () => !(await argsOf("kube-scheduler")).includes("--kube-api-qps"),
    );
    await machine.waitFor(
      "the same configuration",
      async () =>
        (await machine.k0s("config", "diff")) === "The configuration is as the controller runs it.\n",
    );
    await machine.waitFor("good health", () => machine.k0s("status"));
  });
}
