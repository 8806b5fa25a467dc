import { describe, expect, test } from "bun:test";
import { isOnlyOurs } from "./cni-rules.ts";
import type { InstallationRecord } from "../../config/installation-record.ts";
import { describeReset, describeResult } from "./describe.ts";
import { isOurLink, isOurRule, isOurSet } from "./host-rules.ts";
import { emptyTables, planIptablesCleanup } from "./iptables-cleanup.ts";
import { nothingObserved, type Observation } from "./observation.ts";
import { podOfCgroups } from "./observe-pods.ts";
import { planReset } from "./plan.ts";

const node: Observation = {
  ...nothingObserved,
  managed: [{ pid: 2, startTime: 1, name: "kubelet" }],
  inPods: [{ pid: 3, startTime: 1, name: "nginx" }],
  mounts: ["/var/lib/k0s/kubelet/pods/a/v", "/run/k0s/containerd/x"],
  netns: ["/var/run/netns/cni-1"],
  links: ["cali12345678901", "vxlan.calico"],
  nftTables: [{ family: "ip", name: "kube-proxy" }],
  iptables: [{ family: "ip", backend: "nft", script: "*nat\nCOMMIT\n", chains: 3, rules: 1, othersRules: 0 }],
  ipsets: ["cali40s:x"],
  routes: [["-4", "route", "delete", "blackhole", "10.244.0.0/26"]],
  cgroups: ["/sys/fs/cgroup/kubepods"],
  users: [{ name: "etcd", uid: 998 }],
  paths: [{ path: "/etc/cni/net.d/10-calico.conflist", bytes: 700 }],
  own: [
    {
      path: "/var/lib/k0s",
      entries: ["bin", "pki"],
      proof: "installation.json",
      bytes: 1.1 * 1024 ** 3,
      keepItself: true,
    },
  ],
  maybeEmpty: ["/etc/cni/net.d", "/etc/cni", "/etc/k0s", "/sys/fs/cgroup/k0scontroller"],
  leftAlone: ["nft table inet filter"],
  stays: ["user kube-apiserver (process 7 runs as it)"],
  parameters: ["kernel.panic=10 (before k0s: 0)"],
};

describe("plan", () => {
  test("nothing to do on a host without k0s", () => {
    expect(planReset(nothingObserved)).toEqual([]);
    expect(planReset({ ...nothingObserved, maybeEmpty: ["/etc/cni"] })).toEqual([]);
  });

  test("processes first, sets after rules, mounts before directories, directories last", () => {
    expect(planReset(node).map(({ kind }) => kind)).toEqual([
      "end-processes",
      "clean-iptables",
      "delete-nft-table",
      "destroy-ipset",
      "delete-route",
      "delete-link",
      "delete-link",
      "remove-netns",
      "unmount",
      "remove-cgroup",
      "delete-user",
      "delete",
      "delete-entries",
      ...node.maybeEmpty.map(() => "remove-if-empty" as const),
    ]);
  });

  test("of k0s' own directory only what k0s made goes, and the directory stays where it must", () => {
    expect(planReset(node)).toContainEqual({
      kind: "delete-entries",
      path: "/var/lib/k0s",
      entries: ["bin", "pki"],
      proof: "installation.json",
      keepItself: true,
    });
  });
});

test("what is shown before", () => {
  expect(describeReset(node)).toBe(
    "Will remove: 2 processes, 2 mounts, 2 links, 1 network namespace, 1 nft table, 3 iptables chains, 1 ipset, 1 route, " +
      "1 cgroup, 1 user, /etc/cni/net.d/10-calico.conflist, the content of /var/lib/k0s (1.1 GiB)\n" +
      "If empty:    /etc/cni, /etc/k0s\n" +
      "Left alone:  nft table inet filter\n" +
      "Stays:       user kube-apiserver (process 7 runs as it)\n" +
      "Kernel parameters stay: kernel.panic=10 (before k0s: 0)\n",
  );
  const manifests = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `shop/${name}.yaml`);
  expect(describeReset({ ...node, yours: { manifests, images: ["own.tar"] } })).toContain(
    "\nWith it go:  your manifests: shop/a.yaml, shop/b.yaml, shop/c.yaml, shop/d.yaml, shop/e.yaml and 2 more; your images: own.tar\nIf empty:",
  );
  expect(describeReset({ ...nothingObserved, maybeEmpty: ["/etc/k0s"] })).not.toContain("/etc/k0s");
  expect(describeReset(nothingObserved)).toBe("Will remove: nothing, there is no trace of k0s here\n");
});

test("the end says that nothing is left only where nothing is", () => {
  const record = { users: [] } as unknown as InstallationRecord;
  const seen = nothingObserved;
  const runDirOwner = { kind: "ours" } as const;
  expect(describeResult({ record, runDirOwner, seen })).toBe("nothing of k0s is left, no reboot needed");
  expect(describeResult({ record, runDirOwner, seen: node })).toContain("but what is named above");
  expect(describeResult({ record: undefined, runDirOwner, seen })).toBe("nothing else of k0s is known here");
  const another = { kind: "another's", dataDirs: ["/srv/a"], noteIsOurs: false } as const;
  const said = describeResult({ record, runDirOwner: another, seen });
  expect(said).toContain("the installation at /srv/a");
  expect(said).not.toContain("nothing of k0s is left");
});

describe("what is ours", () => {
  test.each(["cali1234567890a", "vxlan.calico", "kube-bridge", "tun-ab12cd34ef5"])("link %s", (name) => {
    expect(isOurLink(name)).toBe(true);
  });
  test.each([
    "lo",
    "eth0",
    "docker0",
    "cni0",
    "cni-podman0",
    "calibre",
    "vxlan0",
    "tunl0",
    "br-cali",
    "tun0",
  ])("not link %s", (name) => {
    expect(isOurLink(name)).toBe(false);
  });
  test("sets and rules", () => {
    expect(isOurSet("cali40masq-ipam-pools")).toBe(true);
    expect(isOurSet("allowlist")).toBe(false);
    expect(
      isOurRule(' -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j MARK --set-xmark 0x10000/0x10000'),
    ).toBe(true);
    expect(isOurRule(" -j KUBE-FORWARD")).toBe(true);
    const kubeRouters = "allow outbound node port traffic on node interface with which node ip is associated";
    expect(isOurRule(` -o eth0 -m comment --comment "${kubeRouters}" -j ACCEPT`)).toBe(true);
    expect(isOurRule(" -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE")).toBe(false);
    expect(isOurRule(' -m comment --comment "like cali:x" -j ACCEPT')).toBe(false);
  });
});

const saved = `# Generated by iptables-nft-save
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
:KUBE-POSTROUTING - [0:0]
:cali-POSTROUTING - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A KUBE-POSTROUTING -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
-A FORWARD -i eth0 -j ACCEPT
COMMIT
`;

describe("iptables", () => {
  test("only our rules and chains go, in one transaction", () => {
    expect(planIptablesCleanup(saved)).toEqual({
      chains: 2,
      rules: 2,
      othersRules: 3,
      script: [
        "*nat",
        '-D POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING',
        '-D POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
        "-F KUBE-POSTROUTING",
        "-F cali-POSTROUTING",
        "-X KUBE-POSTROUTING",
        "-X cali-POSTROUTING",
        "COMMIT",
        "",
      ].join("\n"),
    });
  });
  test("nothing of ours, nothing to do", () => {
    expect(planIptablesCleanup("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n")).toBeUndefined();
    expect(planIptablesCleanup("")).toBeUndefined();
  });
  test("a table is empty when nobody's rule, chain or policy is in it", () => {
    expect(
      emptyTables(
        "*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT DROP [0:0]\nCOMMIT\n*nat\n:X - [0:0]\nCOMMIT\n",
      ),
    ).toEqual(["raw"]);
  });
});

const withPodman = `*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-0123456789abcdef01234567 - [0:0]
:CNI-fedcba9876543210fedcba98 - [0:0]
:CNI-DN-aaaaaaaaaaaaaaaaaaaaa - [0:0]
:CNI-DN-bbbbbbbbbbbbbbbbbbbbb - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-HOSTPORT-SETMARK - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -s 10.88.0.5/32 -m comment --comment "name: \\"podman\\" id: \\"11\\"" -j CNI-0123456789abcdef01234567
-A POSTROUTING -s 10.244.0.5/32 -m comment --comment "name: \\"mynet\\" id: \\"22\\"" -j CNI-fedcba9876543210fedcba98
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"podman\\" id: \\"11\\"" -m multiport --dports 80 -j CNI-DN-aaaaaaaaaaaaaaaaaaaaa
-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"mynet\\" id: \\"22\\"" -m multiport --dports 81 -j CNI-DN-bbbbbbbbbbbbbbbbbbbbb
-A CNI-HOSTPORT-SETMARK -j MARK --set-xmark 0x2000/0x2000
COMMIT
`;
const withoutPodman = withPodman
  .split("\n")
  .filter((line) => !/podman|0123456789abcdef|CNI-DN-a/.test(line))
  .join("\n");

describe("chains of the CNI plug-ins", () => {
  test("rules of other networks stay, with the chains in which they meet ours", () => {
    const ours = 'name: \\"mynet\\" id: \\"22\\""';
    expect(planIptablesCleanup(withPodman)?.script.split("\n")).toEqual([
      "*nat",
      `-D POSTROUTING -s 10.244.0.5/32 -m comment --comment "${ours} -j CNI-fedcba9876543210fedcba98`,
      `-D CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat ${ours} -m multiport --dports 81 -j CNI-DN-bbbbbbbbbbbbbbbbbbbbb`,
      "-F CNI-fedcba9876543210fedcba98",
      "-F CNI-DN-bbbbbbbbbbbbbbbbbbbbb",
      "-X CNI-fedcba9876543210fedcba98",
      "-X CNI-DN-bbbbbbbbbbbbbbbbbbbbb",
      "COMMIT",
      "",
    ]);
  });
  test("without others all of it goes", () => {
    const script = planIptablesCleanup(withoutPodman)?.script ?? "";
    expect(script).toContain("-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT\n");
    expect(script.match(/^-X .*$/gm)).toEqual([
      "-X CNI-fedcba9876543210fedcba98",
      "-X CNI-DN-bbbbbbbbbbbbbbbbbbbbb",
      "-X CNI-HOSTPORT-DNAT",
      "-X CNI-HOSTPORT-SETMARK",
    ]);
  });
  test("podman's alone are nothing to us", () => {
    const podmans = withPodman
      .split("\n")
      .filter((line) => !/mynet|fedcba|CNI-DN-b/.test(line))
      .join("\n");
    expect(planIptablesCleanup(podmans)).toBeUndefined();
    const idle = podmans
      .split("\n")
      .filter((line) => !/"podman|CNI-0|CNI-DN/.test(line) || line.startsWith("-A PREROUTING"))
      .join("\n");
    expect(planIptablesCleanup(idle)).toBeUndefined();
  });
  test("a table of nftables is ours while every container in it is", () => {
    const table = (comment: string) => `table inet cni_hostport {
      chain hostports { tcp dport 80 dnat ip to 10.1.1.1:80 comment "${comment}" }
      chain masquerading { meta mark & 0x2000 == 0x2000 masquerade } }`;
    expect(isOnlyOurs(table("0123abcd"), ["0123abcd"])).toBe(true);
    expect(isOnlyOurs(table("0123abcd"), [])).toBe(false);
    expect(isOnlyOurs(table("masq for cni0, net: mynet, if: eth0, id: 9"), [])).toBe(true);
    expect(isOnlyOurs(table("net: mynetwork, id: 9"), [])).toBe(false);
    expect(isOnlyOurs("table inet cni_hostport { }", [])).toBe(false);
  });
});

test.each([
  ["4:memory:/kubepods/burstable/pod1f-2e/0123ab\n", { uid: "1f-2e", container: "0123ab" }],
  ["0::/kubepods/pod1f-2e/0123ab", { uid: "1f-2e", container: "0123ab" }],
  [
    "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1f_2e.slice/cri-containerd-0123ab.scope",
    { uid: "1f-2e", container: "0123ab" },
  ],
  [
    "0::/kubepods.slice/kubepods-pod1f_2e.slice/cri-containerd-0123ab.scope",
    { uid: "1f-2e", container: "0123ab" },
  ],
  ["0::/kind/kubepods/besteffort/podx", { uid: "x", container: undefined }],
  ["0::/system.slice/sshd.service", undefined],
  ["0::/kubepods\n", undefined],
])("the pod of control group %j", (cgroups, pod) => {
  expect(podOfCgroups(cgroups)).toEqual(pod);
});
