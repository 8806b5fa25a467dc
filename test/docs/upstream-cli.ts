// The command line of upstream k0s 1.37, as data: what docs/compatibility.md compares ours with.
// Upstream: cmd.
// Hidden commands and flags are here too; `--help` is left out.

const persistent = ["data-dir", "status-socket"];
const debug = ["debug", "debugListenOn", "verbose"];
const config = ["config"];

const worker = [
  "cidr-range",
  "cri-socket",
  "enable-cloud-provider",
  "ignore-pre-flight-checks",
  "iptables-mode",
  "kubelet-extra-args",
  "kubelet-root-dir",
  "labels",
  "logging",
  "profile",
  "taints",
  "token-file",
];

const controller = [
  "api-server-stop-timeout",
  "disable-components",
  "enable-dynamic-config",
  "enable-k0s-cloud-provider",
  "enable-metrics-scraper",
  "enable-worker",
  "feature-gates",
  "init-only",
  "k0s-cloud-provider-port",
  "k0s-cloud-provider-update-frequency",
  "kube-controller-manager-extra-args",
  "no-taints",
  "single",
];

const install = ["env", "force", "start"];
const validateConfig = [...persistent, ...debug, ...config, "feature-gates"];
const createConfig = [...persistent, ...debug, "feature-gates", "include-images"];

/** Command, without `k0s` → names of its flags. `kubectl` and `ctr` hand everything on. */
export const upstreamCommands: Readonly<Record<string, readonly string[]>> = {
  "airgap bundle-artifacts": [
    ...debug,
    "concurrency",
    "insecure-registries",
    "output",
    "platform",
    "registries-config",
  ],
  "airgap list-images": [...persistent, ...debug, ...config, "all", "platform"],
  api: debug,
  backup: [...persistent, ...debug, "save-path"],
  completion: [],
  "config create": createConfig,
  "config edit": ["data-dir"],
  "config status": ["data-dir", "output"],
  "config validate": validateConfig,
  controller: [...persistent, ...debug, ...config, ...controller, ...worker],
  ctr: [],
  "default-config": createConfig,
  docs: [],
  "etcd leave": [...persistent, ...debug, "peer-address"],
  "etcd member-list": [...persistent, ...debug],
  "install controller": [...persistent, ...debug, ...config, ...controller, ...worker, ...install],
  "install worker": [...persistent, ...debug, ...worker, ...install],
  "keepalived-config virtualservers": [],
  "keepalived-config vrrp": [],
  "keepalived-setstate": ["run-dir", "state"],
  "kubeconfig admin": [...persistent, ...debug],
  "kubeconfig create": [
    ...persistent,
    ...debug,
    ...config,
    "certificate-expires-after",
    "context-name",
    "groups",
  ],
  kubectl: [],
  reset: [...persistent, ...debug, ...config, "cri-socket", "kubelet-root-dir"],
  restore: [...persistent, ...debug, "config-out"],
  start: debug,
  status: [...debug, "out", "status-socket"],
  "status components": ["max-count", "out"],
  stop: debug,
  sysinfo: [...debug, "controller", "data-dir", "output", "worker"],
  "token create": [...persistent, "expiry", "role", "wait"],
  "token invalidate": persistent,
  "token list": [...persistent, "role"],
  "token pre-shared": ["cert", "out", "role", "url", "valid"],
  "validate config": validateConfig,
  version: ["all", "json"],
  worker: [...persistent, ...debug, ...worker],
};
