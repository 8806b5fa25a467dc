// The layers of AGENTS.md (docs/adr/0002-layers.md) as rules: a folder of src/ imports from lower layers only.
// Inside a layer an import is allowed only where `sameLayer` says so, between two components only where `between` does.

const layers = [
  ["std"],
  ["os", "proto", "product"],
  ["config", "pki", "kube", "supervisor", "payload", "oci", "sandbox", "balancer"],
  ["deployer", "token"],
  ["components"],
  ["roles"],
  ["status", "host", "node"],
  ["cli"],
];

/** folder -> folders of its own layer that it may import. */
const sameLayer = {
  product: ["os"],
  // Kubeconfigs are made of its certificates; what one looks like is known to kube alone.
  pki: ["config", "kube"],
  supervisor: ["config", "kube"],
  sandbox: ["config", "payload", "kube"],
  balancer: ["kube"],
  host: ["status"],
  node: ["status", "host"],
};

/** component -> files of other components that it may import. One that is not named here imports declarations of others alone. */
const between = {
  "cluster-config": ["controller-leases/component"],
  "controller-join": [
    "controller-leases/component",
    "etcd/client",
    "etcd/flags",
    "etcd/member-data",
    "etcd/members/admission",
    "etcd/members/await-member",
    "secrets-encryption/files",
    "secrets-encryption/shared-state",
  ],
  "datastore-identity": ["controller-join/cluster-facts"],
  etcd: ["controller-leases/component", "datastore-identity/component", "datastore-identity/value"],
  kine: ["controller-join/cluster-facts", "datastore-identity/component", "datastore-identity/value"],
  "kube-apiserver": ["controller-leases/component", "secrets-encryption/files", "secrets-encryption/prepare"],
  "kube-proxy": ["worker-config/schema"],
  "kubelet-serving-certificates": ["controller-leases/component", "etcd/members/object"],
  "metrics-server": ["kubelet-serving-certificates/serving-ca-manifest"],
  "node-local-balancing": ["worker-config/schema", "worker-join/kubelet-kubeconfig"],
  "runtime-classes": ["containerd/host-runtimes"],
  "secrets-encryption": [
    "controller-join/cluster-facts",
    "controller-join/state",
    "controller-leases/component",
    "etcd/members/object",
  ],
  "worker-config": ["worker-join/api-trouble"],
};

const forbidden = layers.flatMap((folders, level) =>
  folders.map((folder) => {
    const allowed = [folder, ...layers.slice(0, level).flat(), ...(sameLayer[folder] ?? [])];
    return {
      name: `layer-${folder}`,
      severity: "error",
      comment: `src/${folder} may import only: ${allowed.join(", ")}`,
      from: { path: `^src/${folder}/`, pathNot: "\\.test\\.ts$" },
      to: { path: "^src/", pathNot: `^src/(${allowed.join("|")})/` },
    };
  }),
);

const aComponent = "^src/components/([^/]+)/";
const known = Object.keys(between).join("|");

const components = [
  ...Object.entries(between).map(([component, files]) => ({
    name: `component-${component}`,
    severity: "error",
    comment: `of other components, ${component} may import declarations, and ${files.join(", ")}`,
    from: { path: `^src/components/${component}/`, pathNot: "\\.test\\.ts$" },
    to: {
      path: aComponent,
      pathNot: `^src/components/(${component}/|[^/]+/declaration\\.ts$|(${files.join("|")})\\.ts$)`,
    },
  })),
  {
    name: "component-alone",
    severity: "error",
    comment: "of other components, one imports their declarations, unless `between` says more",
    from: { path: aComponent, pathNot: `^src/components/(${known})/|\\.test\\.ts$` },
    to: { path: aComponent, pathNot: "^src/components/($1/|[^/]+/declaration\\.ts$)" },
  },
  {
    name: "components-shared",
    severity: "error",
    comment: "what all components share knows none of them",
    from: { path: "^src/components/[^/]+$", pathNot: "\\.test\\.ts$" },
    to: { path: aComponent },
  },
];

module.exports = {
  forbidden: [
    ...forbidden,
    ...components,
    // A command that is loaded only when it is called may look back at the list of commands.
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["dynamic-import"] } },
    },
    {
      name: "build-is-apart",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(build|test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
