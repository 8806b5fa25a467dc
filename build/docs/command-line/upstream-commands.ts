// Commands of upstream k0s v1.37.0-alpha.3 as data, hidden ones too. Upstream: cmd.

import {
  config,
  controller,
  criSocket,
  daemonDebug,
  dataDir,
  debug,
  duration,
  featureGates,
  install,
  kubeletRootDir,
  list,
  number,
  obsolete,
  oldPersistent,
  onOff,
  output,
  persistent,
  statusSocket,
  text,
  type UpstreamFlag,
  worker,
} from "./upstream-flags.ts";

export interface UpstreamCommand {
  readonly flags: readonly UpstreamFlag[];
  readonly aliases?: readonly string[];
  /** Fewest and most words besides the flags; none when absent. */
  readonly args?: readonly [number, number];
  readonly hidden?: true;
  /** Everything behind its name belongs to another program. */
  readonly passThrough?: true;
}

const many = Number.POSITIVE_INFINITY;
const createConfig = [...debug, onOff("include-images"), featureGates, ...oldPersistent];
const validateConfig = [...debug, config, featureGates, ...oldPersistent];

/** By the words after `k0s`; groups and `--help` are left out. */
export const upstreamCommands: Readonly<Record<string, UpstreamCommand>> = {
  "airgap bundle-artifacts": {
    args: [0, many],
    flags: [
      ...debug,
      ...oldPersistent,
      obsolete(config),
      number("concurrency", { default: "3" }),
      text("insecure-registries", { default: "no" }),
      output,
      text("platform"),
      list("registries-config"),
    ],
  },
  "airgap list-images": {
    flags: [...persistent, ...debug, config, onOff("all"), text("platform")],
  },
  api: { flags: daemonDebug },
  backup: { flags: [...persistent, ...debug, text("save-path")] },
  completion: { args: [1, 1], flags: [] },
  "config create": { flags: createConfig },
  "config edit": { flags: [dataDir, featureGates] },
  "config status": { flags: [dataDir, featureGates, output] },
  "config validate": { flags: validateConfig },
  controller: {
    aliases: ["server"],
    args: [0, 1],
    flags: [...persistent, ...daemonDebug, config, ...controller, ...worker],
  },
  ctr: { passThrough: true, flags: [] },
  "default-config": { hidden: true, flags: createConfig },
  docs: { args: [1, 1], flags: [] },
  "etcd leave": { flags: [...persistent, ...debug, text("peer-address")] },
  "etcd member-list": { flags: [...persistent, ...debug] },
  // It comes with the library that upstream's commands are made with.
  help: { args: [0, many], flags: [] },
  "install controller": {
    aliases: ["server"],
    flags: [...persistent, ...debug, config, ...controller, ...worker, ...install],
  },
  "install worker": { flags: [...persistent, ...debug, ...worker, ...install] },
  "keepalived-config virtualservers": { flags: [] },
  "keepalived-config vrrp": { flags: [] },
  "keepalived-setstate": {
    hidden: true,
    flags: [text("run-dir", { short: "r" }), text("state", { short: "s" })],
  },
  "kubeconfig admin": { flags: [...persistent, ...debug] },
  "kubeconfig create": {
    args: [1, 1],
    flags: [
      ...persistent,
      ...debug,
      config,
      duration("certificate-expires-after", { default: "8760h0m0s" }),
      text("context-name", { default: "k0s" }),
      text("groups"),
    ],
  },
  kubectl: { aliases: ["kc"], passThrough: true, flags: [] },
  reset: { flags: [...persistent, ...debug, config, criSocket, kubeletRootDir] },
  restore: { args: [1, 1], flags: [...persistent, ...debug, text("config-out")] },
  start: { flags: debug },
  status: { flags: [...debug, text("out", { short: "o" }), statusSocket] },
  "status components": {
    flags: [number("max-count", { default: "1" }), obsolete(text("out", { short: "o" }))],
  },
  stop: { flags: debug },
  sysinfo: {
    flags: [
      ...debug,
      onOff("controller", { default: "true" }),
      dataDir,
      text("output", { short: "o", default: "text" }),
      onOff("worker", { default: "true" }),
    ],
  },
  "token create": {
    flags: [...persistent, duration("expiry"), text("role", { default: "worker" }), onOff("wait")],
  },
  "token invalidate": { args: [1, many], flags: persistent },
  "token list": { flags: [...persistent, text("role")] },
  "token pre-shared": {
    flags: [
      text("cert"),
      text("out", { default: "." }),
      text("role", { default: "worker" }),
      text("url"),
      duration("valid"),
    ],
  },
  "validate config": { hidden: true, flags: validateConfig },
  version: { flags: [onOff("all", { short: "a" }), onOff("json", { short: "j" })] },
  worker: { args: [0, 1], flags: [...persistent, ...daemonDebug, ...worker] },
};
