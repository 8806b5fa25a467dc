// Many of konnectivity's agents at one controller: processes in a machine beside it, each under a name of its own.

import { readFile, realpath } from "node:fs/promises";
import { loadavg } from "node:os";
import { buildComponent } from "../../build/components/build-component.ts";
import { hostPlatform } from "../../build/platform.ts";
import { pollUntil, sleep, TimeoutError, unlessAborted } from "../../src/std/wait.ts";
import type { TestMachine } from "../../test/harness/test-machine.ts";
import { inNetwork } from "../cluster.ts";
import type { BenchNode } from "../node.ts";
import { auditedController } from "./cluster.ts";
import type { Figures, IdleOptions } from "./step.ts";

const agentPath = "/opt/bench/konnectivity-agent";
const folder = "/root/agent";
/** So much stays free on the machine that measures. */
const reserveMiB = 4 * 1024;
/** Beyond that as many as are there by then are measured, and no more are started. */
const connectMs = 180_000;

interface AgentBench {
  readonly controller: BenchNode;
  readonly agents: TestMachine;
}

async function agentBench(signal: AbortSignal): Promise<AgentBench & AsyncDisposable> {
  // Before the machines: it may have to be built.
  const { calls } = await buildComponent("konnectivity", hostPlatform());
  const source = await realpath(calls["konnectivity-agent"] ?? "");
  const binds = [{ source, target: agentPath, readOnly: true }];
  return await inNetwork(signal, async (network) => {
    // metrics-server would wait for a node.
    const controller = await auditedController(network, "first", ["metrics-server"]);
    await controller.ask("follow-start", String(await controller.startK0s()), "api");
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

/** Of memory that the whole machine can give yet; what it holds of files alone counts as such. */
async function availableMiB(): Promise<number> {
  return Number(/^MemAvailable:\s+(\d+)/m.exec(await readFile("/proc/meminfo", "utf8"))?.[1]) / 1024;
}

/** Until there are so many tunnels; how many there are when the time is over. */
async function connected(bench: AgentBench, count: number, signal: AbortSignal): Promise<number> {
  let last = 0;
  const enough = async (): Promise<boolean> => (last = await tunnels(bench)) >= count;
  const wait = { what: `${count} tunnels`, intervalMs: 1_000, timeoutMs: connectMs, signal };
  await pollUntil(enough, wait).catch((err: unknown) => {
    if (!(err instanceof TimeoutError)) throw err;
    console.error(`agents: ${err.message}; there are ${last}`);
  });
  return last;
}

async function measured(
  { controller, agents }: AgentBench,
  count: number,
  windowSeconds: number,
): Promise<Figures> {
  const from = Date.now();
  const idle = await controller.ask("idle", String(windowSeconds));
  const to = String(from + windowSeconds * 1_000);
  const requests = await controller.ask("requests", String(from), to);
  const held = await agents.sh("cat /proc/[0-9]*/smaps_rollup | awk '/^Pss:/ {sum += $2} END {print sum}'");
  const open = await controller.machine.ok(["/bin/sh", "-c", "ls /proc/$(pgrep -o konnectivity)/fd | wc -l"]);
  const names = ["konnectivity-server", "k0s", "kube-apiserver"].flatMap((program) =>
    ["pss", "anonymous", "cpu"].map((figure) => `${figure} ${program}`),
  );
  return {
    ...Object.fromEntries(names.map((name) => [name, idle[name] ?? Number.NaN])),
    "requests of k0s a second": requests["all"] ?? Number.NaN,
    "files of the server": Number(open),
    "MiB an agent": Number(held.stdout) / 1024 / count,
  };
}

/** For each count: `agents`, `pss konnectivity-server`, `cpu k0s`, … Ends before the machine's memory does. */
export async function measureAgents(
  counts: readonly number[],
  { settleMs, windowSeconds }: IdleOptions,
  keep: (found: readonly Figures[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await using bench = await agentBench(signal);
  const found: Figures[] = [];
  let before = 0;
  for (const count of counts) {
    const free = await availableMiB();
    if (free < reserveMiB) {
      console.error(`agents: no more than ${before}, since only ${Math.round(free)} MiB are free`);
      return;
    }
    const started = performance.now();
    await unlessAborted(startAgents(bench, before, count), signal);
    before = count;
    const there = await connected(bench, count, signal);
    const seconds = (performance.now() - started) / 1_000;
    await sleep(settleMs, signal);
    found.push({
      agents: there,
      load: loadavg()[0] ?? 0,
      ...(there < count ? {} : { "seconds until connected": seconds }),
      ...(await unlessAborted(measured(bench, count, windowSeconds), signal)),
    });
    await keep(found);
    if (there < count) return;
  }
}
