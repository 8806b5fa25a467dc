// What `k0s reset`, `stop` and starts must never touch: directories without a proof, other people's users, programs and
// rules. One machine; nothing of a cluster runs.

import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { startNetwork, type TestMachine, type TestNetwork } from "../../harness/test-machine.ts";
import { makeLeftovers, removeOthers, writeRecord } from "./leftovers.ts";

let network: TestNetwork;
let machine: TestMachine;

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ root: "debian" });
}, 300_000);

afterAll(async () => network.destroy(), 120_000);

beforeEach(async () => {
  await sh("mkdir -p /srv/project && echo mine >/srv/project/readme && mkdir -p /srv/project/bin");
});

const sh = (script: string): Promise<string> => machine.ok(["/bin/sh", "-ec", script]);

async function refused(command: string, words: string): Promise<void> {
  const { code, stdout, stderr } = await machine.sh(command);
  expect([command, code, stderr]).toEqual([command, 1, expect.stringContaining(words)]);
  expect(stdout).not.toContain("removed in");
}

test("an empty --data-dir is the default one, not the project that the script stands in", async () => {
  const output = await sh(`cd /srv/project; k0s reset -y --data-dir "$UNSET" --kubelet-root-dir "$UNSET"`);
  expect(output).not.toContain("/srv/project");
  expect(await sh("cat /srv/project/readme")).toBe("mine\n");
});

test("directories of the system, of people and of other programs are refused, whatever is said", async () => {
  await sh("mkdir -p /home/ann && echo letters >/home/ann/letters");
  for (const dir of ["/", "/home", "/home/ann", "/root", "/var/lib", "/usr/local"])
    await refused(`k0s reset -y --data-dir ${dir}`, "is refused");
  await refused("cd /srv/project; k0s reset -y --data-dir .", "is refused: it is the working directory");
  await refused("k0s reset -y --data-dir /srv/project", "is not known to be k0s'");
  await refused("k0s reset -y --kubelet-root-dir /srv/project", "root directory of k0s' kubelet");
  await refused("k0s reset -y --kubelet-root-dir /home", "is refused");
  await refused("k0s controller --single --data-dir /home", "is refused");
  await refused("k0s controller --single --data-dir /srv/project", "holds what k0s has not made: readme");
  await refused("k0s worker --kubelet-root-dir /srv/project", "holds what is not kubelet's");
  expect(await sh("cat /srv/project/readme /home/ann/letters; stat -c %a /home")).toBe(
    "mine\nletters\n755\n",
  );
});

test("a backup of a data directory is not the installation", async () => {
  await sh(`mkdir -p /var/lib/k0s/pki && ${writeRecord}; cp -a /var/lib/k0s /srv/backup`);
  await refused("k0s reset -y --data-dir /srv/backup", "is a copy");
  expect(await sh("ls /srv/backup")).toContain("pki");
});

test("in a script it takes a yes, or the name of what is meant", async () => {
  await sh(`mkdir -p /var/lib/k0s/pki && ${writeRecord}; echo mine >/var/lib/k0s/mine`);
  await refused("k0s reset </dev/null", "there is no terminal to ask on");
  await refused("k0s reset --data-dir= </dev/null", "there is no terminal to ask on");
  const plan = await machine.exec(["k0s", "reset"]);
  expect(plan.stdout).toContain("Will remove: ");
  expect(plan.stdout).toContain("Left alone:  /var/lib/k0s/mine");
  // As k0sctl calls it.
  expect(await sh("k0s reset --data-dir=/var/lib/k0s </dev/null")).toContain("removed in");
  expect(await sh("cd /var/lib/k0s; find . -type f | grep -v ^./runtime/; rm mine")).toBe("./mine\n");
});

test("users go by name and uid, when nobody uses them; never root and never somebody else's", async () => {
  const users = [
    { name: "etcd", uid: 4242, gid: 4242 },
    { name: "kube-apiserver", uid: 4243, gid: 4243 },
    { name: "kube-scheduler", uid: 4244, gid: 4244 },
  ];
  await sh(`
    useradd --system --uid 4242 --home /var/lib/k0s --shell /usr/sbin/nologin etcd
    useradd --system --uid 4300 --home /var/lib/k0s kube-apiserver
    useradd --system --uid 4244 --home /var/lib/k0s kube-scheduler
    useradd --system --uid 4250 --home /var/lib/konnectivity konnectivity-server
    mkdir -p /etc/k0s /var/lib/k0s/pki
    printf 'spec: {installConfig: {users: {etcdUser: root, konnectivityUser: daemon}}}\\n' >/etc/k0s/k0s.yaml
    ${writeRecord}
    sed -i 's|"users":\\[[^]]*\\]|"users":${JSON.stringify(users)}|' /var/lib/k0s/installation.json`);
  const theirs = machine.spawn([
    "setpriv",
    "--reuid",
    "4242",
    "--regid",
    "4242",
    "--clear-groups",
    "sleep",
    "1003",
  ]);
  await machine.waitFor("the process", async () => (await sh("ps ax -o args=")).includes("sleep 1003"));
  const output = await sh("k0s reset -y");
  expect(output).toMatch(
    /Stays: +user etcd \(process \d+ runs as it\), user kube-apiserver \(its uid is 4300/,
  );
  await theirs.kill("SIGKILL");
  const left = await sh("cut -d: -f1 /etc/passwd; rm -r /etc/k0s; userdel etcd; userdel kube-apiserver");
  expect(left.split("\n")).toEqual(
    expect.arrayContaining(["root", "daemon", "etcd", "kube-apiserver", "konnectivity-server"]),
  );
  expect(left.split("\n")).not.toContain("kube-scheduler");
});

test("a data directory behind a link: its mounts are found, nothing behind them is touched, the link stays", async () => {
  for (const [link, dataDir, keeps] of [
    ["ln -s /mnt/disk /opt/link", "/opt/link/k0s", "gone\n"],
    ["mkdir -p /mnt/disk/k0s; ln -s /mnt/disk/k0s /opt/linked", "/opt/linked", "empty\n"],
  ] as const) {
    await sh(`
      mkdir -p /mnt/disk /srv/volume && echo precious >/srv/volume/file
      ${link}
      mkdir -p ${dataDir}/kubelet/pods/p/volume-subpaths/v/c/0 ${dataDir}/kubelet/pods/p/volumes/t ${dataDir}/pki
      ${writeRecord.replaceAll("/var/lib/k0s", "/mnt/disk/k0s")}
      touch ${dataDir}/kubelet/pods/p/volume-subpaths/v/c/1
      mount --bind /srv/volume ${dataDir}/kubelet/pods/p/volume-subpaths/v/c/0
      mount --bind /srv/volume/file ${dataDir}/kubelet/pods/p/volume-subpaths/v/c/1
      mount -t tmpfs t ${dataDir}/kubelet/pods/p/volumes/t`);
    expect(await sh(`k0s reset -y --data-dir ${dataDir}`)).toContain("3 mounts");
    expect(await sh("cat /srv/volume/file; grep -c /mnt/disk /proc/self/mounts || true")).toBe(
      "precious\n0\n",
    );
    expect(
      await sh("if [ -d /mnt/disk/k0s ]; then ls -A /mnt/disk/k0s; echo empty; else echo gone; fi"),
    ).toBe(keeps);
    expect(await sh("ls -d /opt/link*; rm /opt/link*; rm -r /mnt/disk")).toContain("/opt/link");
  }
});

test("podman's rules, another program's plug-ins and processes of another kubelet stay", async () => {
  const theirs = `name: \\"podman\\" id: \\"11\\"`;
  const ours = `name: \\"mynet\\" id: \\"22\\"`;
  await sh(`
    ${makeLeftovers}
    mkdir -p /opt/cni/bin; echo theirs >/opt/cni/bin/bridge; echo theirs >/opt/cni/bin/calico
    echo '{"part":"kube-router-cni","sha256":"","dir":"/opt/cni/bin","files":[{"path":"bridge","size":1,"mtimeNs":"1"}]}' >/opt/cni/bin/.part-kube-router-cni.json
    ln -s /var/lib/k0s/cni-bin/portmap /opt/cni/bin/portmap
    for n in podman mynet; do mkdir -p /var/lib/cni/networks/$n; done
    iptables -t nat -N CNI-HOSTPORT-DNAT; iptables -t nat -N CNI-DN-aa; iptables -t nat -N CNI-DN-bb; iptables -t nat -N CNI-cc
    iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
    iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp --dport 80 -m comment --comment 'dnat ${theirs.replaceAll("\\", "")}' -j CNI-DN-aa
    iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp --dport 81 -m comment --comment 'dnat ${ours.replaceAll("\\", "")}' -j CNI-DN-bb
    iptables -t nat -A POSTROUTING -s 10.88.0.5/32 -m comment --comment '${theirs.replaceAll("\\", "")}' -j CNI-cc
    nft add table inet cni_hostport
    nft add chain inet cni_hostport hostports
    nft 'add rule inet cni_hostport hostports tcp dport 80 accept comment "11"'
    ip link add cni0 type bridge
    mkdir -p /sys/fs/cgroup/memory/kubepods/burstable/podother/c`);
  const theirPod = machine.spawn([
    "/bin/sh",
    "-c",
    "echo $$ >/sys/fs/cgroup/memory/kubepods/burstable/podother/c/cgroup.procs; exec sleep 1004",
  ]);
  await machine.waitFor("the process", async () => (await sh("ps ax -o args=")).includes("sleep 1004"));
  const output = await sh("k0s reset -y");
  expect(output).toContain("in a pod of another kubelet");
  expect(output).toContain("nft table inet cni_hostport");
  const rules = (await sh("iptables-save -t nat")).split("\n").filter((line) => line.includes("CNI-"));
  expect(rules.join("\n")).not.toMatch(/CNI-DN-bb|mynet/);
  for (const chain of ["CNI-HOSTPORT-DNAT", "CNI-DN-aa", "CNI-cc"])
    expect(rules.some((line) => line.startsWith("-A") && line.endsWith(`-j ${chain}`))).toBe(true);
  expect(
    await sh("cat /opt/cni/bin/bridge /opt/cni/bin/calico; ls /opt/cni/bin; ls /var/lib/cni/networks"),
  ).toBe("theirs\ntheirs\nbridge\ncalico\npodman\n");
  expect(await sh("ps ax -o args=")).toContain("sleep 1004");
  await theirPod.kill("SIGKILL");
  await sh(`ip link show cni0 >/dev/null; nft delete table inet cni_hostport; ${removeOthers}`);
});

test("a disk of its own is emptied and stays, what is bound from elsewhere stays with its content, and the plan says so", async () => {
  await sh(`
    mkdir -p /var/lib/k0s/pki /var/lib/k0s/etcd /var/lib/k0s/images /srv/models && echo mine >/srv/models/llm
    ${writeRecord}
    mount -t tmpfs disk /var/lib/k0s/etcd && mkdir -p /var/lib/k0s/etcd/member/snap && echo db >/var/lib/k0s/etcd/member/snap/db
    mount --bind /srv/models /var/lib/k0s/images`);
  const output = await sh("k0s reset -y");
  expect(output).toContain("the content of /var/lib/k0s/etcd");
  expect(output).toContain("the mount of disk at /var/lib/k0s/etcd");
  expect(output).toMatch(/Stays: +\/var\/lib\/k0s\/images with its content/);
  expect(
    await sh(
      "cat /srv/models/llm; ls -A /var/lib/k0s/etcd; grep -cE '^[^ ]+ /var/lib/k0s/(etcd|images) ' /proc/self/mounts",
    ),
  ).toBe("mine\n2\n");
  await sh("umount /var/lib/k0s/images /var/lib/k0s/etcd; rmdir /var/lib/k0s/images /var/lib/k0s/etcd");
});

test("a k0s that kept no record is reset on a full disk; a read-only one is said before anything is changed", async () => {
  await sh(`
    mkdir -p /srv/full && mount -t tmpfs -o size=256k full /srv/full && mkdir -p /srv/full/bin /srv/full/images
    echo '{"part":"etcd","sha256":"x","dir":"/srv/full/bin","files":[]}' >/srv/full/bin/.part-etcd.json
    echo x >/srv/full/worker-profile.yaml
    dd if=/dev/zero of=/srv/full/images/bundle bs=4k count=1000 || true
    mount -o remount,ro /srv/full`);
  await refused(
    "k0s reset -y --data-dir /srv/full",
    "/srv/full cannot be emptied: the file system is read-only",
  );
  await sh("test -f /srv/full/images/bundle && mount -o remount,rw /srv/full");
  expect(await sh("k0s reset -y --data-dir /srv/full")).toContain("removed in");
  expect(await sh("ls -A /srv/full; umount /srv/full; rmdir /srv/full")).toBe("");
});

test("no k0s starts between the question and the end of a reset", async () => {
  await sh(`mkdir -p /var/lib/k0s/pki && ${writeRecord}`);
  // A terminal on which nobody answers.
  const asking = machine.spawn(["script", "-qfec", "k0s reset", "/tmp/asked"], { stdin: "pipe" });
  await machine.waitFor(
    "the question",
    async () => (await sh("cat /tmp/asked || true")).includes("Continue?"),
    { timeoutMs: 60_000 },
  );
  await refused("k0s controller --single", "another k0s process is still running");
  await refused("k0s reset -y", "another k0s process is still running");
  await asking.kill("SIGKILL");
  await machine.waitFor("the end of it", async () => (await machine.sh("k0s reset -y")).code === 0);
});

test("stop ends the process that holds this very lock, and no other", async () => {
  await sh("mkdir -p /run/k0s /mnt/other && mount -t tmpfs o /mnt/other && touch /run/k0s/k0s.yaml.lock");
  // The inode numbers of a tmpfs are small: some file of the other one has the same.
  await sh(`
    want=$(stat -c %i /run/k0s/k0s.yaml.lock); i=0
    while [ $i -lt 4000 ]; do i=$((i+1)); touch /mnt/other/$i; [ "$(stat -c %i /mnt/other/$i)" = $want ] && break; done
    ln /mnt/other/$i /mnt/other/same`);
  const stranger = machine.spawn(["flock", "--no-fork", "/mnt/other/same", "sleep", "1005"]);
  const k0s = machine.spawn(["flock", "--no-fork", "/run/k0s/k0s.yaml.lock", "sleep", "1006"]);
  await machine.waitFor("both locks", async () => {
    const { code } = await machine.sh(
      "flock -n /mnt/other/same true || flock -n /run/k0s/k0s.yaml.lock true",
    );
    return code !== 0;
  });
  expect(await sh("k0s stop")).toContain("stopped in");
  const processes = await sh("ps ax -o args=");
  expect(processes).toContain("sleep 1005");
  expect(processes).not.toContain("sleep 1006");
  await Promise.all([stranger.kill("SIGKILL"), k0s.kill("SIGKILL")]);
});

test("stop goes through the service manager that would start k0s again", async () => {
  // systemd itself does not run here: what is asked of it does.
  const group = "/sys/fs/cgroup/systemd/system.slice/k0scontroller.service";
  await sh(`
    mkdir -p /run/systemd/system ${group}
    printf '#!/bin/sh\\necho "$*" >>/tmp/asked-systemd\\n[ "$1" = show ] && echo MainPID=$(cat /tmp/main)\\n[ "$1" = stop ] && kill $(cat /tmp/main)\\nexit 0\\n' >/usr/local/bin/systemctl
    chmod 755 /usr/local/bin/systemctl`);
  const k0s = machine.spawn([
    "/bin/sh",
    "-c",
    `echo $$ >/tmp/main; echo $$ >${group}/cgroup.procs; exec flock --no-fork /run/k0s/k0s.yaml.lock sleep 1007`,
  ]);
  await machine.waitFor(
    "the lock",
    async () => (await machine.sh("flock -n /run/k0s/k0s.yaml.lock true")).code !== 0,
  );
  expect(await sh("k0s stop")).toContain("stopped by systemd (k0scontroller.service)");
  expect(await sh("cat /tmp/asked-systemd")).toBe(
    "show --property=MainPID k0scontroller.service\nstop --no-block k0scontroller.service\nshow --property=ActiveState k0scontroller.service\n",
  );
  await k0s.kill("SIGKILL");
});
