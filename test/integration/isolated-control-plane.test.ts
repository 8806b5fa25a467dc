// Scenario `isolated control plane`: a controller that is no node, and whose processes are as docs/isolation.md says.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { documentedIsolation } from "./isolation/documented-tables.ts";
import { observeProcess, type ObservedProcess } from "./isolation/observed-process.ts";

const documented = await documentedIsolation();

let outsider: TestMachine;

const cluster = clusterOfFile({}, async ({ network, controller }) => {
  outsider = await network.machine({ name: "outsider", k0s: false });
  const ready = async (): Promise<boolean> => (await controller.exec(["k0s", "status"])).code === 0;
  await controller.waitFor("a ready control plane", ready);
});

/** By the names of the table. */
async function pidOf(name: string): Promise<number> {
  if (name === "k0s") {
    const status = JSON.parse(await cluster.controller.k0s("status", "-o", "json")) as { Pid: number };
    return status.Pid;
  }
  const file = name === "konnectivity-server" ? "konnectivity" : name;
  return Number(await cluster.controller.ok(["cat", `/run/k0s/${file}.pid`]));
}

async function observeAll(): Promise<Map<string, ObservedProcess>> {
  const processes = new Map<string, ObservedProcess>();
  for (const { process } of documented.processes)
    processes.set(process, await observeProcess(cluster.controller, await pidOf(process)));
  return processes;
}

test("it is no node and runs nothing of one", async () => {
  expect(await cluster.kubectl("get", "nodes", "-o", "name")).toBe("");
  const running = (await cluster.controller.ok(["ps", "-eo", "comm"])).split("\n").map((name) => name.trim());
  for (const name of ["containerd", "kubelet", "kube-proxy"]) expect(running).not.toContain(name);
  const links = await cluster.controller.ok(["ls", "/sys/class/net"]);
  expect(links.trim().split(/\s+/).sort()).toEqual(["eth0", "lo"]);
});

/** The status socket has the name that it was made with (`src/status/socket.ts`) in the kernel's list. */
function asDocumented(place: string): string {
  return place.replace(`${cluster.controller.address}:`, "address:").replace("/.status.sock", "/status.sock");
}

test("users, groups, capabilities and listeners of every process are the documented ones", async () => {
  const observed = await observeAll();
  for (const { process, user, group, capabilities, listens } of documented.processes) {
    const found = observed.get(process)!;
    const ownGroup = (await cluster.controller.ok(["id", "-g", found.user])).trim();
    expect({
      process,
      user: found.user,
      group: found.gid === 0 ? "root" : String(found.gid) === ownGroup ? "own" : found.gid,
      groups: found.groups,
      capabilities: found.capabilities === 0n ? "none" : "all",
      noNewPrivs: found.noNewPrivs,
      listens: found.listens.map(asDocumented).sort(),
    }).toEqual({
      process,
      user,
      group,
      groups: "",
      capabilities,
      noNewPrivs: user !== "root",
      listens: [...listens],
    });
  }
});

test("nothing else of it can be reached from outside", async () => {
  const scan = `use Socket; my $a = inet_aton(shift); for my $p (1 .. 65535) {
    socket(my $s, PF_INET, SOCK_STREAM, getprotobyname("tcp")); print "$p\\n" if connect($s, sockaddr_in($p, $a)); close $s; }`;
  const open = (await outsider.ok(["perl", "-e", scan, cluster.controller.address])).trim().split("\n");
  const wide = documented.processes
    .flatMap(({ listens }) => listens)
    .filter((place) => /^(\*|address):/.test(place))
    .map((place) => place.split(":")[1] ?? "");
  expect(open.sort()).toEqual(wide.sort());
});

test("files have the documented modes and owners", async () => {
  const paths = documented.files.map(({ path }) => path);
  const lines = (await cluster.controller.ok(["stat", "-c", "%n %a %U %G", ...paths])).trim().split("\n");
  const found = lines.map((line) => line.split(" "));
  expect(found).toEqual(
    documented.files.map(({ path, mode, owner }) => [path, mode.replace(/^0/, ""), owner, "root"]),
  );
});

test("every secret is in the table, and only the documented processes can read it", async () => {
  const listed = documented.files.map(({ path }) => path);
  const secrets = await cluster.controller.ok([
    "find",
    "/var/lib/k0s/pki",
    "-name",
    "*.key",
    "-o",
    "-name",
    "*.conf",
  ]);
  for (const secret of secrets.trim().split("\n")) expect(listed).toContain(secret);

  const readers = new Map(listed.map((path) => [path, [] as string[]]));
  // To connect to a socket one must be able to write it.
  const script =
    'for f; do if [ -S "$f" ]; then [ -w "$f" ] && echo "$f"; else [ -r "$f" ] && echo "$f"; fi; done; :';
  const others = [...(await observeAll())].filter(([, { uid }]) => uid !== 0);
  for (const [process, { uid, gid }] of others) {
    const as = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
    const readable = await cluster.controller.ok([...as, "sh", "-c", script, "sh", ...listed]);
    for (const path of readable.split("\n").filter(Boolean)) readers.get(path)?.push(process);
  }
  const everybody = others.map(([process]) => process).sort();
  expect(Object.fromEntries([...readers].map(([path, names]) => [path, names.sort()]))).toEqual(
    Object.fromEntries(
      documented.files.map(({ path, readers: names }) => [
        path,
        names.includes("everybody") ? everybody : [...names],
      ]),
    ),
  );
});

test("konnectivity-server may review tokens and keep its lease, nothing else", async () => {
  const may = async (...question: string[]): Promise<string> => {
    const kubeconfig = "--kubeconfig=/var/lib/k0s/pki/konnectivity.conf";
    return (await cluster.tryKubectl(kubeconfig, "auth", "can-i", ...question)).stdout.trim();
  };
  await cluster.controller.waitFor("its rights", async () => (await may("create", "tokenreviews")) === "yes");
  await cluster.controller.waitFor(
    "its lease's rights",
    async () => (await may("update", "leases.coordination.k8s.io", "-n", "kube-public")) === "yes",
  );
  for (const question of [
    ["get", "secrets"],
    ["update", "leases.coordination.k8s.io", "-n", "kube-node-lease"],
    ["*", "*"],
  ])
    expect(await may(...question)).toBe("no");
});

test("its lease is there, and the API server goes through it", async () => {
  const leases = ["-n", "kube-public", "get", "leases", "-o", "name"];
  await cluster.controller.waitFor("the lease", async () =>
    (await cluster.kubectl(...leases)).includes("konnectivity-proxy-server-"),
  );
  const args = await cluster.controller.ok(["cat", `/proc/${await pidOf("kube-apiserver")}/cmdline`]);
  expect(args.split("\0")).toContain("--egress-selector-config-file=/var/lib/k0s/konnectivity.conf");
});
