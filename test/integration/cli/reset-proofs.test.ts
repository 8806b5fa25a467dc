// What `k0s reset` takes for a proof: a name with a typo, a data directory that is away, a command for clients on a host of
// somebody else's cluster. One machine; nothing of a cluster runs.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../../harness/test-machine.ts";
import { checkOthers, listLeftovers, makeLeftovers, writeRecord } from "./leftovers.ts";

let network: TestNetwork;
let machine: TestMachine;

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ root: "debian" });
}, 300_000);

afterAll(async () => network.destroy(), 120_000);

const sh = (script: string): Promise<string> => machine.ok(["/bin/sh", "-ec", script]);

async function refused(command: string, ...words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await machine.sh(command);
  expect([command, code, stdout]).toEqual([command, 1, expect.not.stringContaining("removed in")]);
  for (const one of words) expect(stderr).toContain(one);
}

test("a command for clients beside another cluster: reset takes nothing of it", async () => {
  await sh(
    "mkdir -p /var/lib/calico; echo theirs >/var/lib/calico/nodename; ip link add vxlan.calico type bridge",
  );
  await sh(
    "k0s kubectl version --client; mkdir -p /var/cache/k0s/airgap; echo mine >/var/cache/k0s/airgap/bundle",
  );
  expect(await sh("ls /var/lib/k0s; ls /var/cache/k0s/bin")).toMatch(/^runtime\n(.*\n)*kubectl\n/);
  const output = await sh("k0s reset --yes");
  expect(output).toContain("/var/cache/k0s");
  expect(output).toContain("Left alone:  /var/cache/k0s/airgap");
  expect(
    await sh(
      "cat /var/lib/calico/nodename /var/cache/k0s/airgap/bundle; ls /var/cache/k0s; ip -o link show vxlan.calico | cut -d: -f2",
    ),
  ).toBe("theirs\nmine\nairgap\n vxlan.calico\n");
  // Of a k0s that unpacked it into the data directory.
  await sh(`mkdir -p /var/lib/k0s/bin; cd /var/lib/k0s/bin; echo x >kubectl; touch -d @1700000000 kubectl
    noted='{"path":"kubectl","size":2,"mtimeNs":"1700000000000000000"}'
    echo '{"part":"kubernetes","sha256":"x","dir":"/var/lib/k0s/bin","files":['$noted']}' >.part-kubernetes.json`);
  await sh("k0s reset --yes");
  expect(await sh("ls -A /var/lib/k0s/bin || true; cat /var/lib/calico/nodename")).toBe("theirs\n");
  await sh("ip link show vxlan.calico; ip link delete vxlan.calico; rm -r /var/lib/calico /var/cache/k0s");
}, 300_000);

test("a name with a typo, and a data directory that is away: nothing is changed, then all of it goes", async () => {
  await sh(`${makeLeftovers}
    echo /var/lib/k0s >/run/k0s/data-dir
    mkdir -p /run/k0s/containerd/x && mount -t tmpfs c /run/k0s/containerd/x`);
  await refused(
    "k0s reset --data-dir=/var/lib/k0s-typo </dev/null",
    "nothing of k0s is known at /var/lib/k0s-typo",
    "k0s reset --data-dir /var/lib/k0s",
  );
  await sh("mv /var/lib/k0s/installation.json /srv/record");
  await refused("k0s reset -y", "is not known to be k0s'");
  await sh(
    "umount /var/lib/k0s/kubelet/pods/a/volumes/bound /var/lib/k0s/kubelet/pods/a/volumes/v; mv /var/lib/k0s /var/lib/away",
  );
  await refused("k0s reset -y", "the data directory /var/lib/k0s is away", "Mount the disk");
  await sh(
    "test -d /var/lib/calico; grep -q ' /run/k0s/containerd/x ' /proc/self/mounts; ip link show kube-bridge",
  );
  await sh(
    "rm -rf /var/lib/k0s; mv /var/lib/away /var/lib/k0s; mv /srv/record /var/lib/k0s/installation.json",
  );
  expect(await sh("k0s reset --data-dir=/var/lib/k0s </dev/null")).toContain("nothing of k0s is left");
  expect(await machine.ok(["/bin/sh", "-c", listLeftovers])).toBe("");
  await sh(checkOthers);
}, 300_000);

test("a controller alone beside another cluster's node: what pods make is not its", async () => {
  await sh(`mkdir -p /var/lib/k0s/pki /var/lib/calico; ${writeRecord}; ip link add vxlan.calico type bridge`);
  expect(await sh("k0s reset -y")).toContain("/var/lib/calico (no pod of k0s has run here)");
  await sh("test -d /var/lib/calico; ip link delete vxlan.calico");
}, 300_000);
