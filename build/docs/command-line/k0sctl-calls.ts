// Every call of k0s that upstream's k0sctl v0.32.2 makes, and what it reads of the answer: what a test parses with our command
// tree, and docs/command-line.md lists. `<D>` is the data directory, `<C>` the configuration, `<F>` a temporary file.

interface K0sctlCall {
  /** As k0sctl writes it, after the path of the binary. */
  readonly line: string;
  readonly when: string;
  readonly reads: string;
  /** The command and the flags that it must mean; absent where it is not there yet. */
  readonly means?: readonly [command: string, flags: Readonly<Record<string, unknown>>];
}

const call = (
  line: string,
  when: string,
  reads: string,
  ...means: [] | [string, Readonly<Record<string, unknown>>]
): K0sctlCall => ({ line, when, reads, ...(means.length === 0 ? {} : { means }) });

const controllerFlags =
  "--data-dir=<D> --enable-worker=true --token-file=/etc/k0s/k0stoken --config=<C> --kubelet-extra-args=--node-ip=10.0.0.2";

export const k0sctlCalls: readonly K0sctlCall[] = [
  call("version", "each host, and after each new binary", "one version", "version", {}),
  call(
    "status -o json",
    "each host",
    "exit code: whether it runs; `Version`, `Pid`, `Role`, `Workloads`, `Args`",
    "status",
    { out: "json" },
  ),
  call("status", "after a restart with other flags, for two minutes", "exit code", "status", { out: "" }),
  call("etcd member-list --data-dir=<D>", "leader with etcd", "JSON, `members`", "etcd member-list", {
    dataDir: "<D>",
  }),
  call(
    "etcd leave --peer-address 10.0.0.3",
    "with `--force`, for a host that was made again",
    "exit code",
    "etcd leave",
    { peerAddress: "10.0.0.3" },
  ),
  call(
    "etcd leave --peer-address 10.0.0.3 --datadir <D>",
    "a controller that is taken out, once its service is stopped: etcd does not answer any more, and k0sctl warns",
    "exit code",
    "etcd leave",
    { peerAddress: "10.0.0.3", dataDir: "<D>" },
  ),
  call(
    "config create --data-dir=<D>",
    "leader, without a configuration of its own",
    "YAML",
    "config create",
    {},
  ),
  call("default-config", "the same, before k0s 1.23", "YAML", "default-config", {}),
  call('config validate --config="<F>"', "each controller", "exit code", "config validate", {
    config: "<F>",
  }),
  call(
    'config validate --config="<F>" --feature-gates=IPv6SingleStack=true',
    "the same, with gates among the flags",
    "exit code",
    "config validate",
    { config: "<F>", featureGates: { IPv6SingleStack: true } },
  ),
  call('validate config --config "<F>"', "the same, before k0s 1.23", "exit code", "validate config", {
    config: "<F>",
  }),
  call(
    "install controller --data-dir=<D> --config=<C>",
    "the first controller",
    "exit code; the service is registered and enabled",
    "install controller",
    { dataDir: "<D>", config: "<C>" },
  ),
  call(
    `install controller ${controllerFlags} --force`,
    "further ones, upgrades, other flags",
    "exit code",
    "install controller",
    {
      tokenFile: "/etc/k0s/k0stoken",
      enableWorker: true,
      force: true,
      kubeletExtraArgs: { "node-ip": "10.0.0.2" },
    },
  ),
  call(
    "install worker --data-dir=<D> --token-file=/etc/k0s/k0stoken --kubelet-extra-args='--max-pods=50 --node-ip=10.0.0.9' --force=true",
    "workers",
    "exit code",
    "install worker",
    { dataDir: "<D>", force: true, kubeletExtraArgs: { "max-pods": "50", "node-ip": "10.0.0.9" } },
  ),
  call(
    "token create --role=worker --expiry=10m0s --data-dir=<D>",
    "leader, for each host that joins",
    "the token: id and address",
    "token create",
    { role: "worker", expiry: 600_000, dataDir: "<D>" },
  ),
  call(
    "token invalidate --data-dir=<D> abcdef",
    "leader, once it has joined",
    "exit code",
    "token invalidate",
    { dataDir: "<D>" },
  ),
  call("kubeconfig admin --data-dir=<D>", "first controller", "a kubeconfig", "kubeconfig admin", {
    dataDir: "<D>",
  }),
  call(
    "backup --save-path <F> --data-dir <D>",
    "`k0sctl backup`",
    "the archive in that directory",
    "backup",
    {
      savePath: "<F>",
      dataDir: "<D>",
    },
  ),
  call("restore --data-dir=<D> <F>", "`k0sctl apply --restore-from`", "exit code", "restore", {
    dataDir: "<D>",
  }),
  call(
    "reset --data-dir=<D> --kubelet-root-dir=/var/lib/kubelet",
    "hosts that are reset, and those whose installation failed",
    "exit code",
    "reset",
    { dataDir: "<D>", kubeletRootDir: "/var/lib/kubelet" },
  ),
];

/** Behind `k0s kubectl`, with `KUBECONFIG` for `<D>/pki/admin.conf` or `<D>/kubelet.conf`; only exit code and output count. */
export const k0sctlKubectlCalls: readonly string[] = [
  "get --raw='/readyz'",
  "get --raw='/readyz?verbose=true'",
  "get --raw=/version --kubeconfig=<F>",
  "get node n1 -o json",
  "get -n kube-system namespace kube-system -o template={{.metadata.uid}}",
  "--data-dir=<D> -n kube-system get event --field-selector involvedObject.name=k0s -o json",
  "drain --grace-period=120 --force --timeout=5m0s --ignore-daemonsets --delete-emptydir-data n1",
  "cordon n1",
  "uncordon n1",
  "delete node n1",
  "taint nodes --overwrite n1 k0s.example/out=true:NoExecute",
  `get node n1 -o jsonpath='{range .spec.taints[*]}{.key}={.value}:{.effect}{"\\n"}{end}'`,
  "taint nodes n1 k0s.example/out=true:NoExecute-",
  "apply -f -",
  "-n kube-system get clusterconfig k0s -o yaml",
  "apply -n kube-system -f -",
  "-n kube-system get event --field-selector involvedObject.name=k0s",
];
