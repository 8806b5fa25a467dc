// Many of konnectivity's agents at one controller: processes in a machine beside it, each under a name of its own.

import { freemem, loadavg } from "node:os";
import { realpath } from "node:fs/promises";
import { buildComponent } from "../../build/components/build-component.ts";
import { hostPlatform } from "../../build/platform.ts";
import { pollUntil, sleep } from "../../src/std/wait.ts";
import type { TestMachine } from "../../test/harness/test-machine.ts";
import { inNetwork } from "../cluster.ts";
import { BenchNode } from "../node.ts";
import type { Figures } from "./step.ts";

const agentPath = "/opt/bench/konnectivity-agent";
const folder = "/root/agent";
/** So much stays free on the machine that measures. */
const reserveBytes = 4 * 2 ** 30;

interface AgentBench {
  readonly controller: BenchNode;
  readonly agents: TestMachine;
}

function agentBench(signal: AbortSignal): Promise<AgentBench & AsyncDisposable> {
  return inNetwork(signal, async (network) => {
    const controller = await BenchNode.create(network, { name: "first", args: ["controller"] });
    await controller.ask("follow-start", String(await controller.startK0s()), "api");
    const { calls } = await buildComponent("konnectivity", hostPlatform());
    const source = await realpath(calls["konnectivity-agent"] ?? "");
    const binds = [{ source, target: agentPath, readOnly: true }];
    return { controller, agents: await network.machine({ name: "agents", k0s: false, binds }) };
  });
}

/** Starts those from one number to another; each has ports of its own, since they share a machine. */
async function startAgents({ controller, agents }: AgentBench, from: number, to: number): Promise<void> {
  const { machine } = controller;
  const account = ["konnectivity-agent", "-n", "kube-system"];
  const token = await machine.waitFor("a token for agents", () =>
    machine.kubectl("create", "token", ...account, "--audience=system:konnectivity-server", "--duration=4h"),
  );
  await agents.ok(["mkdir", "-p", folder]);
  await agents.writeFile(`${folder}/token`, token.trim(), 0o600);
  await agents.writeFile(`${folder}/ca.crt`, await machine.readFile("/var/lib/k0s/pki/ca.crt"));
  const command = [
    `exec -a konnectivity-agent ${agentPath} --ca-cert=${folder}/ca.crt`,
    `--proxy-server-host=${machine.address} --proxy-server-port=8132`,
    `--service-account-token-path=${folder}/token --keepalive-time=40s --v=0 --logtostderr=true`,
    '--agent-id="$name" --agent-identifiers=host="$name"',
    "--health-server-port=$((20000 + 2 * i)) --admin-server-port=$((20001 + 2 * i))",
  ];
  const script = `i=${from}
while [ $i -lt ${to} ]; do
  name=10.66.$((i / 250)).$((i % 250))
  (${command.join(" ")}) &
  i=$((i + 1))
done
wait`;
  await agents.start(`agents-${from}`, ["/bin/bash", "-c", script]);
}

async function tunnels({ controller }: AgentBench): Promise<number> {
  const url = "http://127.0.0.1:8133/metrics";
  const text = await controller.machine.ok([
    "/opt/bench/bun",
    "-e",
    `console.log(await (await fetch("${url}")).text())`,
  ]);
  return Number(/_ready_backend_connections(?:\{.*\})? (\d+)/.exec(text)?.[1] ?? 0);
}

/** For each count: `agents`, `pss konnectivity-server`, `cpu k0s`, … Ends before the machine's memory does. */
export async function measureAgents(
  counts: readonly number[],
  signal: AbortSignal,
): Promise<readonly Figures[]> {
  await using bench = await agentBench(signal);
  const found: Figures[] = [];
  let before = 0;
  for (const count of counts) {
    if (freemem() < reserveBytes) break;
    const started = performance.now();
    await startAgents(bench, before, count);
    before = count;
    await pollUntil(async () => (await tunnels(bench)) >= count, {
      what: `${count} tunnels`,
      intervalMs: 1_000,
      timeoutMs: 300_000,
      signal,
    });
    const connectedMs = performance.now() - started;
    await sleep(20_000, signal);
    const { machine } = bench.controller;
    const idle = await bench.controller.ask("idle", "30");
    const held = await bench.agents.sh(
      "cat /proc/[0-9]*/smaps_rollup | awk '/^Pss:/ {sum += $2} END {print sum}'",
    );
    const open = await machine.ok(["/bin/sh", "-c", "ls /proc/$(pgrep -o konnectivity)/fd | wc -l"]);
    const names = ["konnectivity-server", "k0s", "kube-apiserver"];
    const figures = names.flatMap((name) =>
      ["pss", "anonymous", "cpu"].map((figure) => [
        `${figure} ${name}`,
        idle[`${figure} ${name}`] ?? Number.NaN,
      ]),
    );
    found.push({
      agents: count,
      load: loadavg()[0] ?? 0,
      "seconds until connected": connectedMs / 1000,
      ...Object.fromEntries(figures),
      "files of the server": Number(open),
      "MiB an agent": Number(held.stdout) / 1024 / count,
    });
  }
  return found;
}
