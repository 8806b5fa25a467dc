// What `k0s status` says when something is wrong below a node: disks, certificates, files, ports. See status-faults.test.ts.

import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import {
  missingFile,
  portTaken,
  replacedFile,
  shellFault,
  strangersNetwork,
} from "../harness/fault-kinds.ts";
import { lazyNode, seeFaults } from "../harness/faulty-node.ts";

/** On a small disk, to be filled. */
const kubeletDir = "/var/lib/kubelet-small";
const node = lazyNode({
  args: [`--kubelet-root-dir=${kubeletDir}`],
  small: [{ target: kubeletDir, size: "300m" }],
});

const pki = "/var/lib/k0s/pki";
const dayMs = 86_400_000;

async function expiredCertificate(): Promise<string> {
  const ca = await issueCa({ cn: "gone", expiresMs: 3_600_000 });
  const { cert } = await issueLeaf({ ca, cn: "gone", o: [], expiresMs: -60_000 });
  return cert;
}

seeFaults("disks", node, [
  shellFault({
    name: "disk full",
    put: `head -c 260M /dev/zero > ${kubeletDir}/filler`,
    undo: `rm ${kubeletDir}/filler`,
    says: /^the disk of \/var\/lib\/kubelet-small is full: \S+ (MiB|MB|kB|B) are free; free some space there$/,
  }),
  shellFault({
    name: "no more files on a disk",
    put: `mount -o remount,nr_inodes=900 ${kubeletDir}`,
    undo: `mount -o remount,nr_inodes=100000 ${kubeletDir}`,
    says: /^the file system of \/var\/lib\/kubelet-small is full: only \d+ more files can be made; remove some files there$/,
  }),
  shellFault({
    name: "disk read-only",
    put: `mount -o remount,ro ${kubeletDir}`,
    undo: `mount -o remount,rw ${kubeletDir}`,
    says: /^cannot write to \/var\/lib\/kubelet-small: the file system is read-only; /,
  }),
  shellFault({
    name: "containerd's folder read-only",
    put: "mount --bind /var/lib/k0s/containerd /var/lib/k0s/containerd; mount -o remount,bind,ro /var/lib/k0s/containerd",
    undo: "umount /var/lib/k0s/containerd",
    says: /^cannot write to \/var\/lib\/k0s\/containerd: the file system is read-only; /,
  }),
]);

seeFaults("certificates", node, [
  {
    name: "certificate over",
    says: /^the certificate \/var\/lib\/k0s\/pki\/front-proxy-client.crt ended on .*; a restart of k0s renews it$/,
    inject: async (machine) =>
      replacedFile("", `${pki}/front-proxy-client.crt`, await expiredCertificate(), /^/).inject(machine),
  },
  {
    name: "certificate authority about to end",
    says: /^the certificate authority \/var\/lib\/k0s\/pki\/front-proxy-ca.crt ends in \d+ days; k0s does not renew authorities/,
    inject: async (machine) => {
      const { cert } = await issueCa({ cn: "front-proxy-ca", expiresMs: 10 * dayMs });
      return replacedFile("", `${pki}/front-proxy-ca.crt`, cert, /^/).inject(machine);
    },
  },
  replacedFile(
    "certificate damaged",
    `${pki}/front-proxy-client.crt`,
    "half a cert",
    /^\/var\/lib\/k0s\/pki\/front-proxy-client.crt holds no certificate that can be read; /,
  ),
]);

seeFaults("files", node, [
  strangersNetwork(),
  shellFault({
    name: "network configuration gone",
    // containerd notices what is written there, not what is moved there.
    put: "mv /etc/cni/net.d/10-calico.conflist /root/",
    undo: "cp /root/10-calico.conflist /etc/cni/net.d/",
    says: /^node single is not Ready: .*cni/i,
    withinMs: 90_000,
  }),
  missingFile({
    name: "socket of containerd gone",
    path: "/run/k0s/containerd.sock",
    says: /^containerd is not well: /,
  }),
  missingFile({
    name: "program of kube-scheduler gone",
    path: "/var/lib/k0s/bin/kube-scheduler",
    program: "kube-scheduler",
    says: /^kube-scheduler is backing off: could not be started: .*kube-scheduler is no executable file/,
  }),
  missingFile({
    name: "kubeconfig of kube-scheduler gone",
    path: `${pki}/scheduler.conf`,
    program: "kube-scheduler",
    says: /^kube-scheduler is backing off: exited with code 1 .*scheduler.conf/,
  }),
  shellFault({
    name: "data directory closed to the users of components",
    put: "chmod 700 /var/lib/k0s",
    undo: "chmod 755 /var/lib/k0s",
    program: "kube-scheduler",
    says: /^\/var\/lib\/k0s is closed to the users of the control plane \(.*; let everybody pass through it: chmod o\+x /,
  }),
  missingFile({
    name: "key of the cluster's authority gone",
    path: `${pki}/ca.key`,
    says: /^the key of a certificate authority, \/var\/lib\/k0s\/pki\/ca.key, is missing: no worker can join.*; put it back/,
  }),
  shellFault({
    name: "drop-in file of containerd broken",
    put: "echo 'version = [' > /etc/k0s/containerd.d/broken.toml",
    undo: "rm /etc/k0s/containerd.d/broken.toml",
    program: "containerd",
    says: /^containerd cannot start with its drop-in files: \/etc\/k0s\/containerd.d\/broken.toml: line 1: /,
  }),
  shellFault({
    name: "database of kine damaged",
    put: "mkdir /root/db; kill -STOP $(cat /run/k0s/kine.pid); mv /var/lib/k0s/db/* /root/db/; head -c 100000 /dev/urandom > /var/lib/k0s/db/state.db; chown kube-apiserver /var/lib/k0s/db/state.db",
    undo: "rm -f /var/lib/k0s/db/*; mv /root/db/* /var/lib/k0s/db/; rmdir /root/db",
    says: /^kine is backing off: could not be started: \S+state.db: file is not a database .*; put the database back from a backup$/,
  }),
  shellFault({
    name: "database of kine closed to it",
    // What root has put there k0s gives to kine by itself.
    put: "chown nobody /var/lib/k0s/db/*; chmod 600 /var/lib/k0s/db/*",
    undo: "chown kube-apiserver /var/lib/k0s/db/*",
    program: "kine",
    says: /^kine runs again but has not become ready since .*unable to open database file: permission denied$/,
  }),
]);

seeFaults("ports", node, [
  portTaken("kubelet", 10250),
  portTaken("kube-scheduler", 10259),
  portTaken("kube-apiserver", 6443),
]);
