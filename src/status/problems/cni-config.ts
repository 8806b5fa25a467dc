// Which network configuration containerd takes: the first one in the folder by name that it can read. That folder is shared
// with everything that was ever installed on the host, so it may be a stranger's. docs/adr/0047. Pure.

import { cniNetworks } from "../../components/network/cni-networks.ts";
import { cniConfDir } from "../../product/paths.ts";
import type { Problem } from "./problem.ts";

export interface CniFile {
  readonly name: string;
  readonly text: string;
}

/** The networks that k0s itself installs, by the name in their configuration. */
export const ownNetworks: Readonly<Record<string, string>> = cniNetworks;

/** Plug-ins that pass on to the network beside them: they come first on purpose. */
const delegating = /^(multus|multus-shim|genie|danm)$/;

interface CniConfig {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly plugins?: readonly { readonly type?: unknown }[];
}

/** File name of the configuration that containerd would take from these; undefined when there is none. */
export function chosenCniFile(files: readonly CniFile[]): { file: string; config: CniConfig } | undefined {
  const sorted = files
    .filter(({ name }) => /\.(conf|conflist|json)$/.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, text } of sorted) {
    const config = parse(text, name.endsWith(".conflist"));
    if (config !== undefined) return { file: name, config };
  }
  return undefined;
}

/** A stranger's configuration that hides the cluster's network; `provider` is `calico`, `kuberouter` or `custom`. */
export function foreignCniProblem(files: readonly CniFile[], provider: string): Problem | undefined {
  const stranger = strangersNetwork(files);
  if (stranger === undefined || ownNetworks[provider] === undefined) return undefined;
  const { path, types } = stranger;
  return {
    text: `the network configuration ${path} (${types}) is not of this cluster and comes before its own, so that no pod can start`,
    remedy: `remove it, or set spec.network.provider to custom if it is meant: mv ${path} /root/`,
  };
}

/** The network that containerd would take in place of one that k0s installs. */
export function strangersNetwork(files: readonly CniFile[]): { path: string; types: string } | undefined {
  const chosen = chosenCniFile(files);
  if (chosen === undefined || isOwn(chosen.config.name)) return undefined;
  const types = typesOf(chosen.config);
  if (types.some((type) => delegating.test(type))) return undefined;
  return { path: `${cniConfDir}/${chosen.file}`, types: types.join(", ") };
}

function isOwn(name: unknown): boolean {
  return Object.values(ownNetworks).some((own) => own === name);
}

function typesOf({ type, plugins = [] }: CniConfig): string[] {
  return [type, ...plugins.map((plugin) => plugin.type)].filter((one) => typeof one === "string");
}

/** Undefined for what containerd skips, too. */
function parse(text: string, isList: boolean): CniConfig | undefined {
  try {
    const config = JSON.parse(text) as CniConfig;
    const usable = isList
      ? Array.isArray(config.plugins) && config.plugins.length > 0
      : typeof config.type === "string";
    return usable ? config : undefined;
  } catch {
    return undefined;
  }
}
