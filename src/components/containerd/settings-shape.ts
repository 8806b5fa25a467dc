// What containerd 2 takes for a setting, of those by which a node stands or falls: its own, and those of its plug-ins for Kubernetes
// (its packages `cmd/containerd/server/config` and `internal/cri/config`). What is not named here it checks itself, or passes over.

export type Kind = "text" | "flag" | "number" | "texts" | "duration" | "table";

/** `*`: under any other name. */
export type Shape = Kind | { readonly [name: string]: Shape };

const runtime: Shape = {
  runtime_type: "text",
  runtime_path: "text",
  pod_annotations: "texts",
  container_annotations: "texts",
  options: "table",
  privileged_without_host_devices: "flag",
  privileged_without_host_devices_all_devices_allowed: "flag",
  cgroup_writable: "flag",
  base_runtime_spec: "text",
  cni_conf_dir: "text",
  cni_max_conf_num: "number",
  snapshotter: "text",
  sandboxer: "text",
  io_type: "text",
};

const criRuntime: Shape = {
  containerd: {
    default_runtime_name: "text",
    ignore_blockio_not_enabled_errors: "flag",
    ignore_rdt_not_enabled_errors: "flag",
    runtimes: { "*": runtime },
  },
  cni: {
    bin_dir: "text",
    bin_dirs: "texts",
    conf_dir: "text",
    max_conf_num: "number",
    setup_serially: "flag",
    conf_template: "text",
    ip_pref: "text",
    use_internal_loopback: "flag",
  },
  enable_selinux: "flag",
  selinux_category_range: "number",
  max_container_log_line_size: "number",
  disable_apparmor: "flag",
  restrict_oom_score_adj: "flag",
  disable_proc_mount: "flag",
  unset_seccomp_profile: "text",
  tolerate_missing_hugetlb_controller: "flag",
  disable_hugetlb_controller: "flag",
  device_ownership_from_security_context: "flag",
  ignore_image_defined_volumes: "flag",
  netns_mounts_under_state_dir: "flag",
  enable_unprivileged_ports: "flag",
  enable_unprivileged_icmp: "flag",
  enable_cdi: "flag",
  cdi_spec_dirs: "texts",
  drain_exec_sync_io_timeout: "duration",
  ignore_deprecation_warnings: "texts",
  stats_collect_period: "duration",
  stats_retention_period: "duration",
  enable_criu: "flag",
};

const criImages: Shape = {
  snapshotter: "text",
  disable_snapshot_annotations: "flag",
  discard_unpacked_layers: "flag",
  pinned_images: { "*": "text" },
  runtime_platforms: { "*": { platform: "text", snapshotter: "text" } },
  registry: {
    config_path: "text",
    mirrors: { "*": { endpoint: "texts" } },
    configs: { "*": { auth: { username: "text", password: "text", auth: "text", identitytoken: "text" } } },
    auths: { "*": { username: "text", password: "text", auth: "text", identitytoken: "text" } },
    headers: { "*": "texts" },
  },
  image_decryption: { key_model: "text" },
  max_concurrent_downloads: "number",
  concurrent_layer_fetch_buffer: "number",
  image_pull_progress_timeout: "duration",
  image_pull_with_sync_fs: "flag",
  stats_collect_period: "number",
  use_local_image_pull: "flag",
};

export const settingsShape: Shape = {
  version: "number",
  root: "text",
  state: "text",
  temp: "text",
  oom_score: "number",
  imports: "texts",
  disabled_plugins: "texts",
  required_plugins: "texts",
  debug: { level: "text", format: "text" },
  timeouts: { "*": "text" },
  proxy_plugins: { "*": { type: "text", address: "text" } },
  plugins: { "io.containerd.cri.v1.runtime": criRuntime, "io.containerd.cri.v1.images": criImages },
};

const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

export const isOfKind: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  flag: (value) => typeof value === "boolean",
  number: (value) => typeof value === "number",
  texts,
  // As Go reads one.
  duration: (value) =>
    typeof value === "string" && /^$|^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(value),
  table: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

export const kindText: Readonly<Record<Kind, string>> = {
  text: "a string",
  flag: "true or false",
  number: "a number",
  texts: "a list of strings",
  duration: 'a duration, like "30s"',
  table: "a table",
};
