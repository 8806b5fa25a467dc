// The layers of docs/adr/0002-layers.md as rules: a folder of src/ imports from lower layers only.
// Inside a layer an import is allowed only where `sameLayer` says so.

const layers = [
  ["std"],
  ["os", "proto"],
  ["config", "pki", "kube", "supervisor", "payload", "oci", "sandbox"],
  ["manifests", "deployer", "etcd", "containerd", "token", "join"],
  ["controller", "worker", "helm", "autopilot", "backup"],
  ["node", "fleet"],
  ["cli"],
];

/** folder -> folders of its own layer that it may import. */
const sameLayer = {
  pki: ["config"],
  token: [],
  join: ["token", "etcd"],
  supervisor: ["config"],
  sandbox: ["config", "payload", "kube"],
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

module.exports = {
  forbidden: [
    ...forbidden,
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
    {
      name: "fleet-stands-alone",
      severity: "error",
      from: { path: "^src/fleet/" },
      to: { path: "^src/(node|controller|worker)/" },
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
