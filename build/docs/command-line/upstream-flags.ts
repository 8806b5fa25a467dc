// Flags of upstream k0s v1.37.0-alpha.3 as data. Upstream: pkg/config/cli.go, cmd.

/** Of `text` and `last map` the last one that is given counts, of the others that can be repeated all. */
export type FlagKind = "switch" | "text" | "texts" | "list" | "map" | "last map" | "number" | "duration";

export interface UpstreamFlag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly short?: string;
  /** As Go prints it; absent for the zero value of its kind. */
  readonly default?: string;
  /** Accepted for older command lines, without effect. */
  readonly obsolete?: true;
  /** What it accepts, where upstream names that. */
  readonly values?: readonly string[];
}

type More = Partial<Omit<UpstreamFlag, "name" | "kind">>;

const of =
  (kind: FlagKind) =>
  (name: string, more: More = {}): UpstreamFlag => ({ name, kind, ...more });

export const onOff = of("switch");
export const text = of("text");
export const list = of("list");
export const map = of("map");
export const number = of("number");
export const duration = of("duration");

export const obsolete = (flag: UpstreamFlag): UpstreamFlag => ({ ...flag, obsolete: true });

export const dataDir = text("data-dir", { default: "/var/lib/k0s" });
export const statusSocket = text("status-socket");
export const persistent = [dataDir, statusSocket];
/** Of commands that once had them. */
export const oldPersistent = [obsolete(text("data-dir")), obsolete(statusSocket)];

const debugging = [onOff("debug", { short: "d" }), text("debugListenOn", { default: ":6060" })];
export const debug = [...debugging, onOff("verbose", { short: "v" })];
/** Of commands that run on and on. */
export const daemonDebug = [...debugging, onOff("verbose", { short: "v", default: "true" })];

export const config = text("config", { short: "c" });
export const featureGates = map("feature-gates");
export const output = text("output", { short: "o" });
export const criSocket = text("cri-socket");
export const kubeletRootDir = text("kubelet-root-dir");

const levels =
  "containerd=info,etcd=info,konnectivity-server=1,kube-apiserver=1,kube-controller-manager=1,kube-scheduler=1,kubelet=1";

export const worker = [
  obsolete(text("cidr-range")),
  criSocket,
  onOff("enable-cloud-provider"),
  onOff("ignore-pre-flight-checks"),
  text("iptables-mode"),
  text("kubelet-extra-args"),
  kubeletRootDir,
  map("labels"),
  of("last map")("logging", { short: "l", default: `[${levels}]` }),
  text("profile", { default: "default" }),
  list("taints"),
  text("token-file"),
];

const components =
  "applier-manager autopilot control-api coredns csr-approver endpoint-reconciler helm konnectivity-server kube-controller-manager kube-proxy kube-scheduler metrics-server network-provider node-role system-rbac update-prober windows-node";

export const controller = [
  duration("api-server-stop-timeout"),
  list("disable-components", { values: components.split(" ") }),
  onOff("enable-dynamic-config"),
  onOff("enable-k0s-cloud-provider"),
  onOff("enable-metrics-scraper"),
  onOff("enable-worker"),
  featureGates,
  onOff("init-only"),
  number("k0s-cloud-provider-port", { default: "10258" }),
  duration("k0s-cloud-provider-update-frequency", { default: "2m0s" }),
  text("kube-controller-manager-extra-args"),
  onOff("no-taints"),
  onOff("single"),
];

export const install = [list("env", { short: "e" }), onOff("force"), onOff("start")];
