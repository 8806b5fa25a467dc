// A single node as a service, from the installation to the reset: the real k0s, started by a real manager.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { doctorOf } from "../../harness/doctor.ts";
import { keptByManagers, ServicedMachine, type ServiceHostName } from "../../harness/serviced-machine.ts";
import { noEviction } from "../../harness/single-node.ts";
import { expectAsBefore, type MachineSnapshot, takeSnapshot } from "../../harness/machine-snapshot.ts";
import { startNetwork, type TestNetwork } from "../../harness/test-machine.ts";
import { withLogs } from "../../harness/with-machine.ts";
import { expectConfigurations, expectFacts, expectKubectl, installAgain } from "./k0sctl.ts";

const installation = ["install", "controller", "--config", "/etc/k0s/k0s.yaml", "--start"] as const;
/** What the service then runs with. */
const flags = ["--config=/etc/k0s/k0s.yaml", "--single=true", noEviction];
const otherFlags = ["--data-dir=/var/lib/k0s", ...flags, "--labels=k0s.example/some=one"];

export interface ServiceStory {
  readonly name: ServiceHostName;
  readonly platform: string;
  readonly definition: string;
  /** Shows what the service has logged. */
  readonly log: string;
}

export function serviceStory({ name, platform, definition, log }: ServiceStory): void {
  let network: TestNetwork;
  let host: ServicedMachine;
  let before: MachineSnapshot;

  beforeAll(async () => {
    network = await startNetwork();
    host = await ServicedMachine.start(network, name, { stoodIn: false });
    before = await takeSnapshot(host.machine);
    await host.sh("mkdir /etc/k0s; k0s config create >/etc/k0s/k0s.yaml");
  }, 300_000);

  afterAll(async () => network.destroy(), 300_000);

  const step = (title: string, work: () => Promise<void>): void =>
    test(title, () => withLogs(network, work), 600_000);

  /** The number of the process, once the node is well and it is another one. */
  const well = (since?: number): Promise<number> =>
    host.machine.waitFor("the node to be well", async () => {
      const { Healthy, Pid } = JSON.parse(await host.k0s("status", "-o", "json")) as {
        Healthy: boolean;
        Pid: number;
      };
      return Healthy && Pid !== since ? Pid : undefined;
    });
  const containers = async (): Promise<readonly string[]> =>
    (await host.sh("k0s ctr tasks list | grep RUNNING | cut -d' ' -f1")).stdout
      .split("\n")
      .filter((id) => id !== "");

  step("installed and started, it is a node, and says what runs it", async () => {
    await host.k0s(...installation, "--single", noEviction);
    await well();
    const { code, stderr } = await host.tryK0s("install", "controller", "--config=/etc/k0s/none.yaml");
    expect([code, stderr]).toEqual([1, expect.stringContaining("/etc/k0s/none.yaml")]);
    expect(await host.k0s("status")).toContain(`Init System: ${platform}\nService file: ${definition}\n`);
    await host.machine.waitFor("all of the cluster", async () =>
      (await host.sh(log)).stdout.includes('msg="The cluster is ready"'),
    );
    expect(await host.k0s("logs", "k0s")).toMatch(/^time="[^"]+" level=info msg="The cluster is ready"/m);
  });

  step("k0sctl gets the answers that it reads, and installs other flags", async () => {
    await well();
    await host.k0s("status");
    await expectFacts(host, flags);
    await expectConfigurations(host);
    await expectKubectl(host);
    await installAgain(host, otherFlags);
  });

  step("killed, stopped and started, its containers stay", async () => {
    const running = await containers();
    expect(running).not.toEqual([]);
    const first = await well();
    await host.sh(`kill -9 ${first}`);
    const second = await well(first);
    expect(await host.k0s("stop")).toContain(`stopped by ${name}`);
    const { code, report } = await doctorOf(host);
    expect([code, report.findings.map(({ what }) => what)]).toEqual([1, ["k0s does not run"]]);
    expect(report.findings[0]?.evidence[0]).toStartWith(`${name}: the service k0scontroller does not run`);
    expect(report.findings[0]?.remedy).toStartWith("start it: `k0s start`");
    await host.k0s("start");
    await well(second);
    await expectFacts(host, otherFlags);
    expect(await containers()).toEqual(expect.arrayContaining([...running]));
  });

  step("after a power cut it comes up by itself", async () => {
    await host.powerCycle();
    await well();
  });

  step("reset takes the service with it", async () => {
    expect((await host.tryK0s("reset", "--yes")).stderr).toContain("k0s stop");
    await host.k0s("stop");
    const output = await host.k0s("reset", "--yes");
    expect(output).toContain("the service k0scontroller");
    expect(output).toContain("nothing of k0s is left");
    // The configuration is the user's.
    await host.sh("rm -r /etc/k0s");
    await expectAsBefore(host.machine, before, { besides: keptByManagers });
  });
}
