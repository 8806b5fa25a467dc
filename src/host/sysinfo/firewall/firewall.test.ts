// The texts are what nft 1.0.6 and iptables 1.8.9 print.

import { expect, test } from "bun:test";
import { configDefaultsFor } from "../../../config/cluster-config.ts";
import { networksOf } from "../cluster-networks.ts";
import { everyRole, outcome, remedy } from "../testdata/made-host.ts";

const options = {
  ...everyRole,
  informative: {
    ports: [
      { port: 6443, process: "kube-apiserver" },
      { port: 2379, address: "127.0.0.1", process: "etcd" },
    ],
  },
};

const accept = { accept: null };
const drop = { drop: null };
const match = (left: object, right: unknown, op = "==") => ({ match: { op, left, right } });
const source = (right: unknown) => match({ payload: { protocol: "ip", field: "saddr" } }, right);
const target = (right: unknown) => match({ payload: { protocol: "ip", field: "daddr" } }, right);
const port = (right: unknown) => match({ payload: { protocol: "tcp", field: "dport" } }, right);
const pods = { prefix: { addr: "10.244.0.0", len: 16 } };

function nft(
  name: string,
  hook: string,
  policy: string,
  rules: readonly (readonly object[])[],
  more: readonly object[] = [],
) {
  const place = { family: "inet", table: "filter" };
  const chain = { chain: { ...place, name, handle: 1, type: "filter", hook, prio: 0, policy } };
  const listed = rules.map((expr) => ({ rule: { ...place, chain: name, handle: 2, expr } }));
  return async (tool: string, ...args: readonly string[]) => {
    if (tool !== "nft") return undefined;
    const objects = args.includes("chains") ? [chain] : [chain, ...listed, ...more];
    return JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6" } }, ...objects] });
  };
}

const forward = (policy: string, ...rules: readonly (readonly object[])[]) =>
  outcome("firewall:inet/filter/forward", { ask: nft("forward", "forward", policy, rules) }, options);

test("a forward chain of nftables that drops what pods send each other", async () => {
  expect(await forward("accept")).toBeUndefined();
  expect(await forward("drop")).toBe("warning policy drop drops what pods send each other");
  expect(await forward("accept", [port(22), accept], [{ reject: { type: "icmpx" } }])).toStartWith(
    "warning drops what is left",
  );
  expect(await forward("drop", [source(pods), accept])).toStartWith("warning");
  expect(await forward("drop", [source(pods), accept], [target(pods), accept])).toBe(
    "pass lets pods through",
  );
  const wide = { set: ["192.0.2.1", { prefix: { addr: "10.0.0.0", len: 8 } }] };
  expect(await forward("drop", [source(wide), { counter: {} }, accept], [target(wide), accept])).toStartWith(
    "pass",
  );
  expect(await forward("drop", [source(pods), port(80), accept], [target(pods), accept])).toStartWith(
    "warning",
  );
  const state = match({ ct: { key: "state" } }, ["established"], "in");
  expect(await forward("drop", [state, accept])).toStartWith("warning");
  expect(
    await forward("drop", [match({ payload: { protocol: "ip", field: "daddr" } }, pods, "!="), accept]),
  ).toStartWith("warning");
});

test("the commands that are given open it", async () => {
  const ask = nft("forward", "forward", "drop", []);
  expect(await remedy("firewall:inet/filter/forward", { ask }, options)).toStartWith(
    "`nft insert rule inet filter forward ip saddr 10.244.0.0/16 accept; nft insert rule inet filter forward ip daddr 10.244.0.0/16 accept`",
  );
});

test("an input chain: pods first, then ports that other nodes need; rules of chains that it jumps to count", async () => {
  const input = (...rules: readonly (readonly object[])[]) => {
    const place = { family: "inet", table: "filter" };
    const set = { set: { ...place, name: "mine", type: "ipv4_addr", elem: [pods] } };
    const extra = { rule: { ...place, chain: "extra", expr: [source("@mine"), accept] } };
    const ask = nft("input", "input", "drop", rules, [set, extra]);
    return outcome("firewall:inet/filter/input", { ask }, options);
  };
  expect(await input([drop])).toBe("warning policy drop drops what pods send to this host");
  expect(await input([{ jump: { target: "extra" } }])).toBe("warning policy drop closed: 6443/tcp");
  const range = { range: [6000, 7000] };
  expect(await input([{ jump: { target: "extra" } }], [port(range), accept])).toBe(
    "pass lets pods and other nodes through",
  );
});

const saved =
  (policy: string, ...rules: readonly string[]) =>
  async (tool: string) =>
    tool === "iptables-save"
      ? `# Generated\n*filter\n:INPUT ${policy} [0:0]\n:FORWARD DROP [0:0]\n:ufw-user-input - [0:0]\n${rules.join("\n")}\nCOMMIT\n`
      : undefined;
const iptables = (...rules: readonly string[]) =>
  outcome("firewall:INPUT", { ask: saved("DROP", ...rules) }, options);

test("iptables: INPUT counts; in FORWARD what comes before the rules of network providers", async () => {
  expect(await outcome("firewall:INPUT", { ask: saved("ACCEPT") }, options)).toBeUndefined();
  expect(await outcome("firewall:FORWARD", { ask: saved("DROP") }, options)).toBeUndefined();
  const all = "-A FORWARD -j REJECT --reject-with icmp-host-prohibited";
  const forwarded = (...rules: readonly string[]) =>
    outcome("firewall:FORWARD", { ask: saved("ACCEPT", ...rules) }, options);
  expect(await forwarded(all, "-A FORWARD -m mark --mark 0x20000/0x20000 -j ACCEPT")).toBe(
    "warning policy drop drops what pods send each other",
  );
  const pair = ["-A FORWARD -s 10.244.0.0/16 -j ACCEPT", "-A FORWARD -d 10.244.0.0/16 -j ACCEPT"];
  expect(await forwarded(...pair, all)).toBe("pass lets pods through");
  expect(await iptables()).toBe("warning policy drop drops what pods send to this host");
  expect(await iptables("-A INPUT -i lo -j ACCEPT", "-A INPUT ! -s 10.244.0.0/16 -j ACCEPT")).toStartWith(
    "warning",
  );
  const fromPods = '-A INPUT -s 10.244.0.0/16 -m comment --comment "pods -j DROP" -j ACCEPT';
  expect(await iptables(fromPods)).toBe("warning policy drop closed: 6443/tcp");
  const open = "-A ufw-user-input -p tcp -m multiport --dports 22,6000:7000 -j ACCEPT";
  expect(await iptables(fromPods, "-A INPUT -j ufw-user-input", open)).toStartWith("pass");
  expect(await iptables(fromPods, open)).toStartWith("warning");
});

test("a rule without ports opens all of them; one for some senders may be all that a cluster needs", async () => {
  const fromPods = "-A INPUT -s 10.244.0.0/16 -j ACCEPT";
  expect(await iptables("-A INPUT -j ACCEPT")).toBe("pass lets pods and other nodes through");
  expect(await iptables(fromPods, "-A INPUT -p tcp -j ACCEPT")).toBe(
    "pass lets pods and other nodes through",
  );
  for (const some of [
    "-A INPUT -s 10.0.0.0/8 -j ACCEPT",
    "-A INPUT -s 192.0.2.7/32 -p tcp -m tcp --dport 6443 -j ACCEPT",
    "-A INPUT -s 192.0.2.0/24 -p tcp -j ACCEPT",
    "-A INPUT -s 192.0.2.0/24 -d 192.0.2.1/32 -j ACCEPT",
  ])
    expect(await iptables(fromPods, some), some).toBe("pass lets pods and some other nodes through");
  for (const others of [
    "-A INPUT -s 10.244.7.0/24 -p tcp -m tcp --dport 6443 -j ACCEPT",
    "-A INPUT -s 127.0.0.1/32 -j ACCEPT",
    "-A INPUT -d 224.0.0.251/32 -j ACCEPT",
    "-A INPUT -p udp -j ACCEPT",
    "-A INPUT -p icmp -j ACCEPT",
    "-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j ACCEPT",
  ])
    expect(await iptables(fromPods, others), others).toBe("warning policy drop closed: 6443/tcp");
});

test("a rule for a link opens a port for those who come by it; for pods, if it is theirs", async () => {
  const fromPods = "-A INPUT -s 10.244.0.0/16 -j ACCEPT";
  for (const some of [
    "-A INPUT -i eth1 -j ACCEPT",
    "-A INPUT -i eth1 -p tcp -m tcp --dport 6443 -j ACCEPT",
    "-A INPUT -s 192.0.2.0/24 -i eth1 -j ACCEPT",
  ])
    expect(await iptables(fromPods, some), some).toBe("pass lets pods and some other nodes through");
  for (const others of [
    "-A INPUT -i lo -j ACCEPT",
    "-A INPUT -i cali+ -j ACCEPT",
    "-A INPUT ! -i eth1 -j ACCEPT",
    "-A INPUT -i eth1 -p tcp -m tcp --dport 22 -j ACCEPT",
    "-A INPUT -s 10.244.0.0/16 -i eth1 -j ACCEPT",
    "-A INPUT -i eth1 -m state --state ESTABLISHED -j ACCEPT",
  ])
    expect(await iptables(fromPods, others), others).toBe("warning policy drop closed: 6443/tcp");
  const local =
    "docker0 docker_gwbridge br-0a1b2c3d4e5f br-+ virbr0 lxdbr0 podman1 veth1a2b3c4 cni0 cni-podman0 kube-bridge cali1234567890a";
  for (const link of local.split(" "))
    expect(await iptables(fromPods, `-A INPUT -i ${link} -j ACCEPT`), link).toBe(
      "warning policy drop closed: 6443/tcp",
    );
  // A bridge of a person may have a card on it; what nodes send each other through a tunnel comes of other nodes.
  for (const link of ["br-lan", "br0", "bond0", "vxlan.calico", "tailscale0"])
    expect(await iptables(fromPods, `-A INPUT -i ${link} -j ACCEPT`), link).toEndWith(
      "some other nodes through",
    );
  // One pod is not all of them.
  expect(await iptables("-A INPUT -i cali1234567890a -j ACCEPT")).toEndWith(
    "drops what pods send to this host",
  );
  expect(await iptables("-A INPUT -i eth1 -j ACCEPT")).toBe(
    "warning policy drop drops what pods send to this host",
  );
  expect(await iptables("-A INPUT -i kube-bridge -j ACCEPT", "-A INPUT -i eth1 -j ACCEPT")).toBe(
    "pass lets pods and some other nodes through",
  );
  // As Calico has it beside ufw: pods reach this host, other nodes do not.
  const calico = ["-A INPUT -j cali-INPUT", "-A cali-INPUT -i cali+ -g cali-wl-to-host"];
  expect(await iptables(...calico, "-A cali-wl-to-host -j ACCEPT")).toBe(
    "warning policy drop closed: 6443/tcp",
  );
  // What is about another link does not close the chain.
  const closing = "-A INPUT -i eth1 -j DROP";
  expect(await outcome("firewall:INPUT", { ask: saved("ACCEPT", closing) }, options)).toBeUndefined();
});

test("nftables: rules for links, one or several", async () => {
  const name = (key: string, right: unknown) => match({ meta: { key } }, right);
  expect(
    await forward("drop", [name("iifname", "eth1"), accept], [name("oifname", "eth1"), accept]),
  ).toStartWith("warning");
  const links = { set: ["eth1", "cali*"] };
  expect(
    await forward("drop", [name("iifname", links), accept], [name("oifname", links), accept]),
  ).toStartWith("pass");
  expect(
    await forward(
      "drop",
      [name("iifname", "cali*"), name("oifname", "eth1"), accept],
      [target(pods), accept],
    ),
  ).toStartWith("warning");
  expect(await forward("accept", [name("iif", "eth1"), drop])).toBeUndefined();
});

test("pods of two families: iptables is not told of IPv6, a table of both is", async () => {
  const networks = { ...everyRole.networks, pods: ["10.244.0.0/16", "fd00:1::/108"] };
  const dualStack = { ...options, networks };
  const said = await remedy("firewall:INPUT", { ask: saved("DROP") }, dualStack);
  expect(said).toStartWith("`iptables -I INPUT -s 10.244.0.0/16 -j ACCEPT; iptables -I INPUT -p tcp");
  const ask = nft("forward", "forward", "drop", []);
  expect(await remedy("firewall:inet/filter/forward", { ask }, dualStack)).toContain(
    "nft insert rule inet filter forward ip6 saddr fd00:1::/108 accept",
  );
});

test("what nodes send each other for their pods", async () => {
  const defaults = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };
  const { spec, ...config } = configDefaultsFor(defaults);
  expect(networksOf({ spec, ...config }).between).toEqual([{ protocol: "udp", port: 4789 }]);
  const kubeRouter = { ...spec, network: { ...spec.network, provider: "kuberouter" as const } };
  const networks = networksOf({ ...config, spec: kubeRouter });
  expect(networks.between).toEqual([{ protocol: "tcp", port: 179 }]);
  const ask = saved("DROP", "-A INPUT -s 10.244.0.0/16 -j ACCEPT", "-A INPUT -p udp --dport 179 -j ACCEPT");
  const probed = (roles: object) => outcome("firewall:INPUT", { ask }, { ...options, networks, ...roles });
  expect(await probed({})).toEndWith("closed: 6443/tcp 179/tcp");
  expect(await probed({ worker: false })).toEndWith("closed: 6443/tcp");
});

test("ufw is told in its own words", async () => {
  const changes = { ask: saved("DROP"), files: { "/etc/ufw/ufw.conf": "# x\nENABLED=yes\nLOGLEVEL=low\n" } };
  expect(await outcome("firewall", changes, options)).toBe("pass ufw");
  expect(await remedy("firewall:INPUT", changes, options)).toStartWith(
    "`ufw allow from 10.244.0.0/16; ufw allow 6443/tcp`",
  );
});

test("firewalld trusts what the files of its zones say", async () => {
  const processes = async () => [{ pid: 7, name: "firewalld", program: "/usr/bin/python3" }];
  const probed = (files: Record<string, string> = {}) =>
    outcome("firewall:firewalld", { processes, files }, options);
  const zone = (sources: readonly string[], name = "ACCEPT") =>
    `<zone target="${name}"><short>Trusted</short>${sources.map((one) => `<source address="${one}"/>`).join("")}</zone>`;
  const trusted = "/etc/firewalld/zones/trusted.xml";
  expect(await outcome("firewall:firewalld")).toBeUndefined();
  expect(await probed()).toBe("warning running trusts neither pods nor services: 10.244.0.0/16 10.96.0.0/12");
  expect(await probed({ [trusted]: zone(["10.244.0.0/16"]) })).toEndWith(": 10.96.0.0/12");
  expect(await probed({ [trusted]: zone(["10.0.0.0/8"]) })).toBe("pass trusts pods and services");
  expect(await probed({ "/etc/firewalld/zones/drop.xml": zone(["10.0.0.0/8"], "DROP") })).toStartWith(
    "warning",
  );
  const ofLink = (name: string, target = "ACCEPT") =>
    probed({ [trusted]: `<zone target="${target}">\n  <interface name="${name}"/>\n</zone>` });
  for (const name of ["kube-bridge", "cali+"])
    expect(await ofLink(name), name).toBe("pass trusts pods and services");
  expect(await ofLink("kube-bridge", "DROP")).toStartWith("warning");
  // Others reach the host by it, pods do not.
  for (const name of ["eth0", "docker0", "vxlan.calico"])
    expect(await ofLink(name), name).toStartWith("warning");
  const shipped = { "/usr/lib/firewalld/zones/trusted.xml": zone(["10.0.0.0/8"]), [trusted]: zone([]) };
  expect(await probed(shipped)).toStartWith("warning");
});
