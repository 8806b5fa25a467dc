// A single node on a real boot, from the installation to the reset: a kernel of its own, its service manager as the first process, power
// cuts that lose what was not on the disk. The same steps for each system.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { buildDemoImages } from "../../../build/images/demo-images.ts";
import { errorMessage } from "../../../src/std/errors.ts";
import { startCountingWriter } from "../counting-writer.ts";
import { kernelParameters, type MachineSnapshot, takeVirtualSnapshot } from "../machine-snapshot.ts";
import { startWeb, webAnswers } from "../web-demo.ts";
import { compareSnapshots } from "./comparison.ts";
import { nodeIsWell } from "./node.ts";
import type { SystemName } from "./systems.ts";
import { VirtualMachine } from "./virtual-machine.ts";

export interface LivedSystem {
  readonly system: SystemName;
  /** As `k0s status` calls the service manager; absent: there is none, and k0s is started by hand. */
  readonly platform?: string;
  /** How Services are routed: each system another way. */
  readonly proxyMode: string;
  /** Prints what k0s has logged. */
  readonly log: string;
  /** Lines of a snapshot that the system itself changes while it runs. */
  readonly ownChanges: readonly RegExp[];
}

/** docs/destructive-actions.md says that it stays. */
const left = /^cri-containerd\.apparmor\.d /;
/**
 * The emulated network advertises this one for a day, and the kernel counts down. It has the anycast address of routers as long
 * as IPv6 is forwarded, which stays switched on (see the kernel parameters).
 */
const advertised = /^(anycast )?fec0::/;

// The lightest whole node: an emulated processor is kept busy by probes of Calico and of the metrics server alone.
const args = ["--single", "--config=/srv/k0s.yaml", "--disable-components=metrics-server"];

const configuration = (proxyMode: string): string => `spec:
  network:
    provider: kuberouter
    kubeProxy:
      mode: ${proxyMode}
`;

const byHand = `setsid k0s controller ${args.join(" ")} </dev/null >>/srv/k0s.log 2>&1 &`;

const looks = (log: string): readonly string[] => [
  `${log} | tail -n 200`,
  "k0s status",
  "k0s kubectl get pods -A -o wide --request-timeout=60s",
  "k0s kubectl get events -A --request-timeout=60s | tail -n 60",
  "cat /proc/loadavg; free -m; df -h / /run",
];

async function whatItSays(machine: VirtualMachine, log: string): Promise<string> {
  const said = [await machine.console()];
  for (const script of looks(log)) {
    const answer = await machine
      .sh(script, { timeoutMs: 120_000 })
      .then(({ stdout, stderr }) => `${stdout}${stderr}`, errorMessage);
    said.push(`--- ${script}\n${answer}\n`);
  }
  return said.join("");
}

/** Tests, in their order. */
export function lifeOfSingleNode({ system, platform, proxyMode, log, ownChanges }: LivedSystem): void {
  let machine: VirtualMachine;
  let before: MachineSnapshot;

  beforeAll(async () => {
    machine = await VirtualMachine.start({
      system,
      files: [
        { source: join(import.meta.dir, "../../../dist/k0s"), target: "/usr/local/bin/k0s", mode: 0o755 },
        { source: await buildDemoImages(), target: "/srv/demo.tar" },
      ],
      ports: [6443],
    });
    await machine.ok(`cat >/srv/k0s.yaml <<'END'\n${configuration(proxyMode)}END`);
    before = await takeVirtualSnapshot(machine);
  }, 1_800_000);

  afterAll(() => (machine as VirtualMachine | undefined)?.[Symbol.asyncDispose](), 60_000);

  let failed: string | undefined;
  const step = (title: string, work: () => Promise<void>): void =>
    test(
      title,
      async () => {
        // Each needs what the one before it has done, and would wait for it in vain.
        if (failed !== undefined) throw new Error(`it was not tried: "${failed}" has failed`);
        const started = performance.now();
        try {
          await work();
          console.log(`${system}: ${title}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
        } catch (err) {
          failed = title;
          console.error(await whatItSays(machine, log));
          throw err;
        }
      },
      1_800_000,
    );

  step("installed and started, it is a node that does work", async () => {
    if (platform === undefined) await machine.ok(byHand);
    else {
      await machine.k0s("install", "controller", ...args);
      await machine.k0s("start");
    }
    await nodeIsWell(machine);
    // A component may miss a beat on such a machine, and the exit code would say so.
    if (platform !== undefined)
      expect((await machine.tryK0s("status")).stdout).toContain(`Init System: ${platform}\n`);
    await machine.ok(
      "mkdir -p /var/lib/k0s/images && cp /srv/demo.tar /var/lib/k0s/images/.demo && mv /var/lib/k0s/images/.demo /var/lib/k0s/images/demo.tar",
    );
    await startWeb(machine, { limit: "18m", probeSeconds: 10 });
    await webAnswers(machine);
  });

  // Without a service manager nothing starts k0s at a boot, and the rest is the same.
  if (platform !== undefined) {
    step("after a reboot it does it again", async () => {
      await machine.reboot();
      await nodeIsWell(machine);
      await webAnswers(machine);
    });

    step("after a power cut nothing that was acknowledged is lost", async () => {
      await using writer = await startCountingWriter({
        kubeconfig: await machine.ok("cat /var/lib/k0s/pki/admin.conf"),
        endpoints: [`https://127.0.0.1:${machine.forwardedPort(6443)}`],
        intervalMs: 5,
        timeoutMs: 60_000,
        readBackMs: 1_200_000,
      });
      await writer.progress(100);
      await machine.cutPower();
      // It writes no more: that would only slow down what comes now.
      const read = writer.report();
      await machine.boot();
      const { acknowledged, lost, failures } = await read;
      await nodeIsWell(machine);
      await webAnswers(machine);
      console.log(`${system}: ${acknowledged} writes acknowledged, ${lost.length} lost`, failures);
      expect(lost).toEqual([]);
    });
  }

  step("stopped and reset, nothing of it is left", async () => {
    await machine.k0s("stop");
    const output = await machine.k0s("reset", "--yes");
    expect(output).toContain("nothing of k0s is left");
    const after = await takeVirtualSnapshot(machine);
    const { table, differences } = compareSnapshots(before, after, [left, advertised, ...ownChanges]);
    console.log(`${system}: before k0s and after it\n${table}${output}`);
    const { [kernelParameters]: parameters = [], ...others } = differences;
    expect(others).toEqual({});
    // They stay, and reset says so.
    for (const line of parameters.filter((one) => one.startsWith("+")))
      expect(output).toContain(line.slice(2).replaceAll("/", ".").replace(" ", "="));
  });
}
