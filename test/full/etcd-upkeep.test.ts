// Three etcd members with a small quota. Space that is wasted is given back, one member at a time, the leader last; a quota that is
// used up by history is handled without anybody; one that is used up by objects is named, and ends when they are deleted.

import { afterAll, beforeAll, expect } from "bun:test";
import type { AlarmReply, EtcdMember, EtcdStatus } from "../../src/components/etcd/replies.ts";
import type { MaintenanceRecord } from "../../src/components/etcd/maintenance/record.ts";
import {
  kubectl,
  restart,
  stopController,
  type TestController,
  threeControllers,
} from "../harness/controllers.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";

interface Report {
  readonly status: EtcdStatus;
  readonly members: readonly EtcdMember[];
  readonly alarms: readonly AlarmReply[];
  readonly defragmented: MaintenanceRecord | null;
}

const mib = 2 ** 20;
const quota = 160 * mib;
const spec = {
  // As much history stays, at least: enough to fill the quota with it, even on a busy machine.
  api: { extraArgs: { "etcd-compaction-interval": "90s" } },
  storage: { etcd: { extraArgs: { "quota-backend-bytes": String(quota) } } },
};

let network: TestNetwork;
const scenario = scenariosOn(() => network);
let controllers: readonly TestController[];
const first = (): TestController => at(0);
const at = (index: number): TestController => {
  const found = controllers[index];
  if (found === undefined) throw new Error(`there is no controller ${index}`);
  return found;
};

beforeAll(async () => {
  network = await startNetwork();
  controllers = await threeControllers(network, { spec });
  await first().machine.writeFile("/root/fill", fill, 0o755);
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 60_000);

/** `fill post|put FROM TO`: ConfigMaps of 0.9 MB, or as many versions of one. Ends at the first refusal and prints it. */
const fill = `#!/bin/sh
base=https://localhost:6443/api/v1/namespaces/default/configmaps
pki=/var/lib/k0s/pki
content=$(head -c 675000 /dev/urandom | base64 -w0)
for i in $(seq $2 $3); do
  if [ $1 = post ]; then name=fill-$i; url=$base; else name=versions; url=$base/versions; fi
  printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s","labels":{"fill":"yes"}},"data":{"n":"%s","x":"%s"}}' $name $i "$content" > /root/body
  method=$(echo $1 | tr a-z A-Z)
  code=$(curl -sS -o /root/answer -w '%{http_code}' -X $method -H 'Content-Type: application/json' --data-binary @/root/body \\
    --cacert $pki/ca.crt --cert $pki/admin.crt --key $pki/admin.key $url)
  case $code in 200|201) ;; *) echo "refused after $i: $(head -c 300 /root/answer)"; exit;; esac
done
`;

const run = (...args: readonly (string | number)[]): Promise<string> =>
  first().machine.ok(["/root/fill", ...args.map(String)], { timeoutMs: 300_000 });

async function report({ machine }: TestController): Promise<Report> {
  return JSON.parse((await machine.exec(["k0s", "etcd", "status", "-o", "json"])).stdout) as Report;
}

const reports = (): Promise<Report[]> => Promise.all(controllers.map(report));

async function writes({ machine }: TestController): Promise<boolean> {
  const args = ["k0s", "kubectl", "annotate", "namespace", "default", "--overwrite", `at=${Date.now()}`];
  return (await machine.exec(args, { timeoutMs: 60_000 })).code === 0;
}

/** Every member has room, no alarm stands, and each controller takes writes. */
async function well(): Promise<void> {
  await first().machine.waitFor(
    "room on every member",
    async () =>
      (await reports()).every(({ alarms, status }) => alarms.length === 0 && status.dbSize < quota * 0.9),
    { timeoutMs: 300_000, intervalMs: 1_000 },
  );
  for (const controller of controllers) {
    await controller.machine.waitFor("writes", () => writes(controller), {
      timeoutMs: 120_000,
      intervalMs: 1_000,
    });
    await controller.machine.ok(["k0s", "etcd", "status"]);
  }
}

scenario(
  "wasted space is given back: one member at a time, the leader last",
  async () => {
    expect(await run("post", 1, 90)).toBe("");
    expect((await report(first())).status.dbSize).toBeGreaterThan(80 * mib);
    await kubectl(first(), "delete", "configmap", "-l", "fill=yes");
    const { leader } = (await report(first())).status;

    await first().machine.waitFor(
      "the defragmentation of each",
      async () => (await reports()).every(({ defragmented }) => defragmented !== null),
      { timeoutMs: 600_000, intervalMs: 2_000 },
    );
    const done = (await reports()).map(({ status, defragmented }) => ({
      id: status.memberId,
      ...defragmented!,
    }));
    const inOrder = done.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    console.info(
      inOrder
        .map(
          ({ at: when, id, bytesAfter, tookMs }) => `${when} ${id}: to ${bytesAfter} bytes in ${tookMs} ms`,
        )
        .join("\n"),
    );
    for (const { reason, bytesBefore, bytesAfter } of inOrder) {
      expect(reason).toBe("wasted-space");
      expect(bytesAfter).toBeLessThan(bytesBefore / 2);
    }
    for (const [index, { at: end, tookMs }] of inOrder.entries()) {
      const before = inOrder[index - 1];
      if (before !== undefined) expect(Date.parse(end) - tookMs).toBeGreaterThan(Date.parse(before.at));
    }
    expect(inOrder.at(-1)?.id).toBe(leader);
    expect((await report(first())).status.leader).not.toBe(leader);
    await well();
  },
  900_000,
);

scenario(
  "a quota that history uses up: compacted, defragmented, disarmed without anybody",
  async () => {
    expect(await run("post", 1, 1)).toBe("");
    await kubectl(first(), "create", "configmap", "versions");
    expect(await run("put", 1, 400)).toContain("database space exceeded");
    await well();
    const logs = (await Promise.all(controllers.map(({ machine }) => machine.readLog("k0s")))).join("");
    expect(logs).toContain("etcd's quota is used up, making room");
    expect(logs).toContain("lifted the alarm");
    expect((await reports()).map(({ defragmented }) => defragmented?.reason)).toContain("quota");
  },
  900_000,
);

scenario(
  "a quota that objects use up: said, survived by a restart, over when they are deleted",
  async () => {
    const text = async (): Promise<string> => (await first().machine.exec(["k0s", "etcd", "status"])).stdout;
    // What is refused first may fit once the history is gone.
    let from = 2;
    await first().machine.waitFor(
      "no room",
      async () => {
        const refusal = /refused after (\d+): .*database space exceeded/.exec(await run("post", from, 400));
        from = Number(refusal?.[1] ?? 400);
        return (await text()).includes("delete objects");
      },
      { timeoutMs: 300_000, intervalMs: 5_000 },
    );
    expect((await first().machine.exec(["k0s", "etcd", "status"])).code).toBe(1);
    expect(await text()).toMatch(/Alarms +NOSPACE on c[123]/);
    // The command says what is; the controller says it at its next look.
    await first().machine.waitFor("the controller to say it", async () =>
      (await first().machine.readLog("k0s")).includes("used up by what is in the cluster"),
    );
    await first().machine.waitFor(
      "k0s status to say it",
      async () => {
        const { code, stdout } = await first().machine.exec(["k0s", "status"]);
        return code !== 0 && stdout.includes("the cluster takes no writes");
      },
      { timeoutMs: 120_000, intervalMs: 1_000 },
    );

    const other = at(1);
    await stopController(other);
    await restart(other);
    expect((await report(other)).alarms.length).toBeGreaterThan(0);
    expect(await writes(other)).toBe(false);

    await kubectl(first(), "delete", "configmap", "-l", "fill=yes");
    await well();
    await first().machine.waitFor(
      "k0s status",
      async () => (await first().machine.exec(["k0s", "status"])).code === 0,
      {
        timeoutMs: 120_000,
        intervalMs: 1_000,
      },
    );
  },
  900_000,
);
