// Makes on a machine what a cluster node leaves behind, without running one: every kind of thing that reset must find.

import type { InstallationRecord } from "../../../src/config/installation-record.ts";
import { fixedOutsidePaths } from "../../../src/host/outside-paths.ts";
import { ownHostsFile } from "../../../src/os/hosts-file.ts";
import { ownProtocolsFile } from "../../../src/os/protocols-file.ts";

/** Of a k0s that made everything itself. UID stands for etcd's. */
const record = {
  kind: "k0s installation",
  formatVersion: 1,
  createdAt: "2026-01-02T03:04:05.000Z",
  createdBy: "v0.0.0",
  dataDir: "/var/lib/k0s",
  kubeletRootDirs: ["/var/lib/k0s/kubelet"],
  users: [{ name: "etcd", uid: 4242, gid: 4242 }],
  absentBefore: [...fixedOutsidePaths],
  sysctlsBefore: {},
} satisfies InstallationRecord;

export const writeRecord = `echo '${JSON.stringify(record)}' >/var/lib/k0s/installation.json`;

/** Needs ip, nft, iptables and ipset on the machine. */
export const makeLeftovers = `
set -e
mkdir -p /var/lib/k0s/pki /var/lib/k0s/bin /var/lib/k0s/kubelet/pods/x /var/lib/k0s/kubelet/pods/a/volumes/v /var/lib/k0s/containerd /run/k0s /srv/kept
echo precious >/srv/kept/file
cp /bin/sleep /var/lib/k0s/bin/sleep
mount -t tmpfs tmpfs /var/lib/k0s/kubelet/pods/a/volumes/v
mkdir /var/lib/k0s/kubelet/pods/a/volumes/bound
mount --bind /srv/kept /var/lib/k0s/kubelet/pods/a/volumes/bound

ip link add vxlan.calico type vxlan id 4096 dstport 4789
ip link add cali12345678901 type veth peer name inpod
ip link add kube-bridge type bridge
ip link add mine0 type bridge
ip route add 10.96.0.0/12 dev lo proto 107
ip route add 10.77.0.0/16 dev lo
ip rule add pref 99 not fwmark 0x100000/0x100000 lookup 1
ip route add throw 10.244.59.192/26 table 1
ip route add 10.78.0.0/16 dev lo table 1

nft add table ip kube-proxy
nft add table inet mine
iptables -t nat -N KUBE-POSTROUTING
iptables -t nat -N cali-POSTROUTING
iptables -t nat -A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" -j cali-POSTROUTING
iptables -t nat -A POSTROUTING -j KUBE-POSTROUTING
iptables -t mangle -N KUBE-KUBELET-CANARY
iptables -t filter -A INPUT -p tcp --dport 22 -j ACCEPT
ipset create cali40masq-ipam-pools hash:net
ipset create mine hash:ip
iptables -t nat -A cali-POSTROUTING -m set --match-set cali40masq-ipam-pools src -j MASQUERADE

mkdir -p /run/netns; touch /run/netns/cni-0a1b; unshare --net=/run/netns/cni-0a1b true
task=/run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/0123abcd
mkdir -p $task /run/containerd/runc/k8s.io/0123abcd /run/containerd/s
echo '{"linux":{"namespaces":[{"type":"network","path":"/var/run/netns/cni-0a1b"}]}}' >$task/config.json
for group in /sys/fs/cgroup/memory /sys/fs/cgroup/pids; do mkdir -p $group/kubepods/burstable/podx/c; done

mkdir -p /etc/cni/net.d /etc/k0s /var/lib/calico /var/log/pods/kube-system_coredns-1_9b2ef2bd-9a87-4f3f-8bb6-b6ae1cd1d2a1/c /var/log/containers
touch /var/lib/calico/nodename /etc/cni/net.d/10-calico.conflist /etc/cni/net.d/calico-kubeconfig
echo 'kind: ClusterConfig' >/etc/k0s/k0s.yaml
echo '# k0s_managed=true' >/etc/k0s/containerd.toml
ln -s /var/log/pods/kube-system_coredns-1_9b2ef2bd-9a87-4f3f-8bb6-b6ae1cd1d2a1/c/0.log /var/log/containers/coredns.log
printf '%s' '${ownHostsFile}' >/etc/hosts
printf '%s' '${ownProtocolsFile}' >/etc/protocols
groupadd -g 4242 etcd; useradd --system --no-create-home --uid 4242 --gid 4242 etcd
${writeRecord}
`;

/** Prints everything that is still there of the above and should not be; nothing else. */
export const listLeftovers = `
ls -d /var/lib/k0s /run/k0s /var/lib/calico /var/log/pods /var/log/containers /etc/cni /run/containerd /run/netns /etc/k0s/containerd.toml /etc/hosts /etc/protocols
ip -o link | grep -E 'cali|kube-bridge|inpod'
ip route | grep 10.96
ip rule | grep -w 'lookup 1'
ip route show table 1 | grep throw
nft list tables | grep -vE 'inet mine|ip filter'
iptables-save | grep -E 'KUBE|cali'
ipset list -n | grep -v '^mine$'
find /sys/fs/cgroup -name kubepods
cut -d' ' -f2 /proc/self/mounts | grep -E '^/(var/lib/k0s|run/k0s|run/netns)'
grep '^etcd:' /etc/passwd
ps ax | grep -E '[s]leep (1001|1002)'
true
`;

/** What belongs to others must be as it was. */
export const checkOthers = `
set -e
grep -q precious /srv/kept/file
ip link show mine0 >/dev/null
nft list table inet mine >/dev/null
iptables -C INPUT -p tcp --dport 22 -j ACCEPT
ipset list mine >/dev/null
test -f /etc/k0s/k0s.yaml
ip route | grep -q 10.77
ip route show table 1 | grep -q 10.78
`;

/** So that everything can be made again. */
export const removeOthers = `
set -e
ip link delete mine0
ip route del 10.77.0.0/16 dev lo
ip route del 10.78.0.0/16 dev lo table 1
nft delete table inet mine
iptables -D INPUT -p tcp --dport 22 -j ACCEPT
ipset destroy mine
rm -r /etc/k0s /srv/kept
`;
