// Three hosts become a cluster by services alone, as docs/services.md has it: a controller and a worker under systemd, a worker under
// OpenRC. Then what happens to such a cluster: a reboot, a stop, other flags, the reset.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { putDemoImages } from "../harness/demo-images.ts";
import { expectAsBefore, type MachineSnapshot, takeSnapshot } from "../harness/machine-snapshot.ts";
import { keptByManagers, ServicedMachine } from "../harness/serviced-machine.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

interface Host {
  readonly host: ServicedMachine;
  readonly name: string;
  readonly service: "k0scontroller" | "k0sworker";
  readonly before: MachineSnapshot;
}

let network: TestNetwork;
let controller: Host;
let workers: readonly Host[];

beforeAll(async () => {
  network = await startNetwork();
  controller = await bootedHost("systemd", "controller", "k0scontroller");
  workers = [
    await bootedHost("systemd", "worker-1", "k0sworker"),
    await bootedHost("OpenRC", "worker-2", "k0sworker"),
  ];
}, 600_000);

afterAll(async () => network.destroy(), 300_000);

const step = (title: string, work: () => Promise<void>): void =>
  test(title, () => withLogs(network, work), 900_000);

step("copied, installed, started, joined by a token: a cluster that answers", async () => {
  const commands = await blocksOf("A cluster of several hosts");
  const [onController = [], onWorker = [], look = []] = commands;
  await follow(controller, onController);
  const token = await controller.host.machine.readFile("/root/k0s.token");
  for (const worker of workers) {
    await putDemoImages(worker.host.machine);
    await worker.host.machine.writeFile("/root/k0s.token", token);
    await follow(worker, onWorker);
  }
  await nodesReady();
  const nodes = await follow(controller, look);
  for (const { name } of workers) expect(nodes).toMatch(new RegExp(`^${name} +Ready `, "m"));

  await startWeb({ kubectl, apply });
  await answers();
  // As a desktop program that got the file.
  const [, second] = workers;
  await second?.host.machine.writeFile(
    "/root/admin.conf",
    await controller.host.machine.readFile("/root/admin.conf"),
  );
  expect(await second?.host.k0s("kubectl", "--kubeconfig=/root/admin.conf", "get", "pods")).toContain(
    "visitor",
  );
});

step("without its token file a worker comes back from a reboot", async () => {
  for (const { host } of workers) await ok(host, "rm /etc/k0s/token");
  const [worker] = workers;
  await worker?.host.powerCycle();
  await worker?.host.machine.waitFor("k0s to be well", async () => {
    const { Healthy } = JSON.parse(await worker.host.k0s("status", "-o", "json")) as { Healthy: boolean };
    return Healthy;
  });
  await nodesReady();
  await answers();
});

step("while the controller is stopped, pods go on", async () => {
  const address = await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}");
  const running = await containers();
  expect(await controller.host.k0s("stop")).toContain("stopped by systemd");
  for (const { host } of workers)
    expect(await ok(host, `curl -sS --max-time 20 http://${address}/`)).toContain("nginx");
  expect(await controller.host.k0s("start")).toBe("");
  await nodesReady();
  await answers();
  expect(await containers()).toBe(running);
});

step("installed again with other flags: the difference, and just that", async () => {
  const running = await containers();
  const command = "ExecStart=/usr/local/bin/k0s controller";
  const flag = "--kube-controller-manager-extra-args=--terminated-pod-gc-threshold=99";
  expect(await controller.host.k0s("install", "controller", flag)).toBe(
    `The service was changed:\n  - ${command}\n  + ${command} ${flag}\nIt runs with what it had: \`k0s restart\` makes it take effect.\n`,
  );
  expect(await controller.host.k0s("install", "controller", flag)).toBe("");
  expect(await ok(controller.host, "ps -eo args")).not.toContain("threshold=99");
  await controller.host.k0s("restart");
  await controller.host.machine.waitFor("the flag", async () =>
    (await ok(controller.host, "ps -eo args")).includes(" --terminated-pod-gc-threshold=99"),
  );

  const [, worker] = workers;
  // Its token file is gone, and not missed.
  const joined = ["install", "worker", "--token-file=/etc/k0s/token", "--kubelet-extra-args=--max-pods=55"];
  const told = (await worker?.host.k0s(...joined)) ?? "";
  expect(told.split("\n").map((line) => line.slice(0, 18))).toEqual([
    "The service was ch",
    '  - command_args="',
    '  + command_args="',
    "It runs with what ",
    "",
  ]);
  await worker?.host.k0s("restart");
  await controller.host.machine.waitFor(
    "what kubelet tells",
    async () => (await kubectl("get", "node", "worker-2", "-o", "jsonpath={.status.capacity.pods}")) === "55",
  );
  await nodesReady();
  await answers();
  expect(await containers()).toBe(running);
});

step("reset leaves every host as it was", async () => {
  for (const { host, name, service, before } of [...workers, controller]) {
    await host.k0s("stop");
    const output = await host.k0s("reset", "--yes");
    expect(output).toContain(`the service ${service}`);
    expect(output).toContain("nothing of k0s is left");
    // What the operator has brought and made.
    await host.sh("rm -rf /usr/local/bin/k0s /etc/k0s /root/k0s.token /root/admin.conf /root/web.yaml");
    await expectAsBefore(host.machine, before, { besides: keptByManagers });
    console.log(`${name}: compared with before the installation, nothing differs`);
  }
});

async function bootedHost(
  manager: "systemd" | "OpenRC",
  name: string,
  service: Host["service"],
): Promise<Host> {
  const host = await ServicedMachine.start(network, manager, {
    stoodIn: false,
    called: name,
    fetched: "/root/k0s",
  });
  return { host, name, service, before: await takeSnapshot(host.machine) };
}

/** The commands of the fenced blocks below a heading of docs/services.md, block by block. */
async function blocksOf(heading: string): Promise<readonly (readonly string[])[]> {
  const page = await Bun.file(join(import.meta.dir, "../../docs/services.md")).text();
  const [, section = ""] = page.split(`## ${heading}\n`);
  const [own = ""] = section.split("\n## ");
  return [...own.matchAll(/```sh\n([^]*?)```/g)].map(([, text = ""]) => text.trim().split("\n"));
}

/** As they stand, in root's home; where there is no systemd, in OpenRC's words. Returns what they print. */
async function follow({ host }: Host, commands: readonly string[]): Promise<string> {
  expect(commands.length).toBeGreaterThan(1);
  let output = "";
  for (const command of commands) {
    const forOpenRc = command.replace(/^systemctl start (\S+)$/, "rc-service $1 start");
    output += await ok(host, `cd /root && ${(await hasSystemd(host)) ? command : forOpenRc}`);
  }
  return output;
}

async function hasSystemd(host: ServicedMachine): Promise<boolean> {
  return (await host.sh("test -d /run/systemd/system")).code === 0;
}

async function ok(host: ServicedMachine, script: string): Promise<string> {
  const { code, stdout, stderr } = await host.sh(script);
  if (code !== 0) throw new Error(`${host.machine.name}: ${script} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await controller.host.tryK0s("kubectl", ...args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

async function apply(manifest: string): Promise<string> {
  await controller.host.machine.writeFile("/root/web.yaml", manifest);
  return kubectl("apply", "--server-side", "-f", "/root/web.yaml");
}

async function answers(): Promise<void> {
  const { machine } = controller.host;
  await webAnswers({ kubectl, waitFor: (...args) => machine.waitFor(...args) });
}

async function nodesReady(): Promise<void> {
  const path =
    "jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=='Ready')].status} {end}";
  const wanted = workers.map(({ name }) => `${name}=True`).join(" ");
  await controller.host.machine.waitFor(
    "all nodes Ready",
    async () => (await kubectl("get", "nodes", "-o", path)).trim() === wanted,
    { timeoutMs: 600_000, intervalMs: 1_000 },
  );
}

/**
 * Each pod of the tests with the number of its container: it is another one after a restart. Waits until those run: what the
 * API tells is old for a while after a reboot.
 */
async function containers(): Promise<string> {
  const path =
    "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID}{'\\n'}{end}";
  return controller.host.machine.waitFor("containers that run", async () => {
    const listed = await kubectl("get", "pods", "-o", path);
    const tasks = await Promise.all(workers.map(({ host }) => ok(host, "k0s ctr tasks list")));
    const running = tasks.join("").matchAll(/^(\w+) .*RUNNING/gm);
    const ids = new Set([...running].map(([, id]) => id));
    const told = [...listed.matchAll(/containerd:\/\/(\w+)/g)];
    return told.length > 0 && told.every(([, id]) => ids.has(id)) ? listed : undefined;
  });
}
