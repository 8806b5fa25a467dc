// Command lines and configurations whose processes are written down: testdata/ of each component, by the name of the case.

import { disableableComponents } from "../../controller/flags.ts";

export interface PlainNode {
  readonly role: "controller" | "worker";
  readonly flags: readonly string[];
}

/** With the flags of a plain node before its own. */
export interface ProcessCase {
  readonly like: keyof typeof plainNodes;
  readonly flags?: readonly string[];
  /** `spec` of the k0s.yaml; a worker's cluster has it. */
  readonly spec?: object;
  readonly host?: Partial<HostFacts>;
}

/** What a start would find out by itself. */
export interface HostFacts {
  /** The first public address of the controller. */
  readonly address: string;
  /** From which a worker reaches it. */
  readonly workerAddress: string;
  readonly cgroupV1: boolean;
  /** A machine of a sandbox. */
  readonly sharedDisk: boolean;
  /** Without CAP_SYS_RESOURCE. */
  readonly restrictOomScoreAdj: boolean;
  /** Whether its kernel has nf_tables. */
  readonly nftables: boolean;
  /** What a controller that joins is told of etcd. */
  readonly etcdMembers: readonly string[] | undefined;
}

/** The first one is what the others are compared with. */
export const plainNodes = {
  "controller-worker": { role: "controller", flags: ["--enable-worker"] },
  controller: { role: "controller", flags: [] },
  single: { role: "controller", flags: ["--single"] },
  worker: { role: "worker", flags: [] },
} as const satisfies Record<string, PlainNode>;

/** Of a database and of a virtual address: it may not be in any file. */
export const password = "p4ssw0rd";

const ipv6 = {
  spec: {
    network: { podCIDR: "fd00::/108", serviceCIDR: "fd01::/108" },
  },
  host: { address: "2001:db8::10", workerAddress: "2001:db8::20" },
};
const dualStack = {
  enabled: true,
  IPv6podCIDR: "fd00::/108",
  IPv6serviceCIDR: "fd01::/108",
};

/** What differs from the plain node is written down. */
export const processCases: Readonly<Record<string, ProcessCase>> = {
  "controller-joining": {
    like: "controller",
    flags: ["--token-file=/root/token"],
    host: { etcdMembers: ["node-0=https://192.0.2.9:2380", "node-1=https://192.0.2.10:2380"] },
  },
  "controller-no-taints": { like: "controller-worker", flags: ["--no-taints"] },

  "hardening-cis": { like: "controller-worker", spec: { hardening: "cis" } },

  // Datastores.
  "external-etcd": {
    like: "controller",
    spec: {
      storage: {
        etcd: { externalCluster: { endpoints: ["http://a:2379", "http://b:2379"], etcdPrefix: "/k0s" } },
      },
    },
  },
  "external-etcd-tls": {
    like: "controller",
    spec: {
      storage: {
        etcd: {
          externalCluster: {
            endpoints: ["https://a:2379"],
            etcdPrefix: "/k0s",
            caFile: "/etc/etcd/ca.crt",
            clientCertFile: "/etc/etcd/client.crt",
            clientKeyFile: "/etc/etcd/client.key",
          },
        },
      },
    },
  },
  sqlite: { like: "controller-worker", spec: { storage: { type: "kine" } } },
  postgresql: {
    like: "controller",
    spec: {
      storage: { type: "kine", kine: { dataSource: `postgres://k0s:${password}@db:5432/k0s` } },
    },
  },

  // Address families.
  ipv6: { like: "controller-worker", flags: ["--feature-gates=IPv6SingleStack=true"], ...ipv6 },
  "worker-ipv6": { like: "worker", ...ipv6 },
  "dual-stack": { like: "controller-worker", spec: { network: { dualStack } } },
  "dual-stack-ipv6-first": {
    like: "controller-worker",
    spec: { network: { dualStack, primaryAddressFamily: "IPv6" } },
    host: { address: "2001:db8::10" },
  },
  "worker-dual-stack": { like: "worker", spec: { network: { dualStack } } },

  // What is switched off.
  "no-konnectivity": { like: "controller-worker", flags: ["--disable-components=konnectivity-server"] },
  "all-disabled": {
    like: "controller-worker",
    flags: [`--disable-components=${disableableComponents.join(",")}`],
  },
  "worker-no-kube-proxy": { like: "worker", spec: { network: { kubeProxy: { disabled: true } } } },

  // Ways to the API.
  "node-local-balancing": {
    like: "controller-worker",
    spec: { network: { nodeLocalLoadBalancing: { enabled: true } } },
  },
  "control-plane-balancing": {
    like: "controller-worker",
    spec: {
      api: { externalAddress: "192.0.2.100" },
      network: {
        controlPlaneLoadBalancing: {
          enabled: true,
          type: "Keepalived",
          keepalived: { vrrpInstances: [{ virtualIPs: ["192.0.2.100/24"], authPass: password }] },
        },
      },
    },
  },
  "external-address": { like: "controller", spec: { api: { externalAddress: "k0s.example:8443" } } },
  "own-ports": {
    like: "controller-worker",
    spec: {
      api: { onlyBindToAddress: true, port: 443, k0sApiPort: 9444 },
      konnectivity: { agentPort: 9132, adminPort: 9133 },
      network: {
        kubeProxy: { metricsBindAddress: "127.0.0.1:11249", healthzBindAddress: "[::1]:11256" },
      },
    },
  },
  "konnectivity-elsewhere": {
    like: "controller",
    spec: { konnectivity: { externalAddress: "tunnels.example:8132" } },
  },

  // What users add.
  "extra-args": {
    like: "controller-worker",
    flags: [
      "--kubelet-extra-args=--max-pods=50 --v=3 --hostname-override=other",
      "--kube-controller-manager-extra-args=--concurrent-gc-syncs=5 --v=3",
    ],
    spec: {
      api: { extraArgs: { "anonymous-auth": "", v: "3", "service-account-issuer": "https://issuer.example" } },
      controllerManager: { extraArgs: { v: "4", "cluster-signing-cert-file": "/etc/own.crt" } },
      scheduler: { extraArgs: { v: "3", "leader-elect": "false" } },
      storage: { etcd: { extraArgs: { name: "member-1", "tls-min-version": "TLS1.3" } } },
      network: { kubeProxy: { extraArgs: { v: "3" } } },
    },
  },
  "raw-args": {
    like: "controller-worker",
    spec: {
      api: { rawArgs: ["--v=3", "--v=4"] },
      controllerManager: { rawArgs: ["--v=3", "--v=4"] },
      scheduler: { rawArgs: ["--v=3", "--v=4"] },
      storage: { etcd: { rawArgs: ["--log-level=warn", "--snapshot-count=1000"] } },
      network: { kubeProxy: { rawArgs: ["--v=3", "--v=4"] } },
    },
  },
  "kine-args": {
    like: "single",
    spec: { storage: { kine: { extraArgs: { debug: "true" }, rawArgs: ["--metrics-bind-address=0"] } } },
  },
  "feature-gates": {
    like: "controller-worker",
    spec: {
      featureGates: [
        { name: "EveryOne", enabled: true },
        { name: "SchedulerOnly", enabled: false, components: ["kube-scheduler"] },
      ],
      api: { extraArgs: { "feature-gates": "Mine=true" } },
    },
  },
  "worker-profile": {
    like: "worker",
    flags: ["--profile=big"],
    spec: {
      workerProfiles: [
        { name: "big", values: { maxPods: 250, evictionHard: { "memory.available": "500Mi" } } },
      ],
    },
  },
  "kube-proxy-settings": {
    like: "worker",
    spec: {
      network: {
        kubeProxy: {
          mode: "iptables",
          iptables: { masqueradeAll: true, syncPeriod: "30s" },
          nodePortAddresses: ["192.0.2.0/24"],
        },
      },
    },
  },
  "kube-proxy-ipvs": {
    like: "worker",
    spec: {
      network: {
        kubeProxy: {
          mode: "ipvs",
          ipvs: {
            syncPeriod: "45s",
            minSyncPeriod: "2s",
            scheduler: "lc",
            excludeCIDRs: ["198.51.100.0/24"],
            strictARP: true,
            tcpTimeout: "15m",
            tcpFinTimeout: "2m",
            udpTimeout: "5m",
          },
        },
      },
    },
  },
  "pause-image": {
    like: "worker",
    spec: { images: { pause: { image: "images.example/pause", version: "1" } } },
  },

  // Options of the node.
  debug: { like: "controller-worker", flags: ["--debug"] },
  logging: {
    like: "controller-worker",
    flags: [
      "--logging=containerd=warn,etcd=debug,konnectivity-server=2,kube-apiserver=3",
      "--logging=kube-controller-manager=4,kube-scheduler=5,kubelet=6",
    ],
  },
  "own-directories": {
    like: "controller-worker",
    flags: ["--data-dir=/srv/k0s", "--kubelet-root-dir=/srv/kubelet"],
  },
  "own-directory-single": { like: "single", flags: ["--data-dir=/srv/k0s"] },
  "stop-timeout": { like: "controller", flags: ["--api-server-stop-timeout=90s"] },
  "labels-and-taints": {
    like: "controller-worker",
    flags: ["--labels=a=1,b=2", "--taints=only=me:NoExecute"],
  },
  "external-runtime": {
    like: "worker",
    flags: ["--cri-socket=remote:unix:///run/crio/crio.sock"],
  },
  "cloud-provider": { like: "worker", flags: ["--enable-cloud-provider"] },
  "cloud-provider-controller": { like: "controller-worker", flags: ["--enable-cloud-provider"] },
  "k0s-cloud-provider": {
    like: "controller-worker",
    flags: ["--enable-cloud-provider", "--enable-k0s-cloud-provider"],
  },
  "old-host": {
    like: "worker",
    host: { cgroupV1: true, nftables: false, restrictOomScoreAdj: true },
  },
  sandbox: { like: "worker", host: { sharedDisk: true } },
};
