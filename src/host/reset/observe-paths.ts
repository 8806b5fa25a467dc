// Files and directories outside of k0s' own, each with the reason why it is k0s'.
// Upstream: pkg/cleanup.

import { join } from "node:path";
import { isManagedConfig } from "../../components/containerd/config-toml.ts";
import { linkTarget, readFileIfExists, statIfExists } from "../../os/files.ts";
import { hostsFile, ownHostsFile } from "../../os/hosts-file.ts";
import { ownProtocolsFile, protocolsFile } from "../../os/protocols-file.ts";
import type { Mount } from "../../os/mounts.ts";
import { fileMatches, readRecords } from "../../payload/staged-record.ts";
import { hostCniBinDir } from "../../product/paths.ts";
import { clusterPaths, pathsWithoutPods, sharedDirectories } from "../outside-paths.ts";
import { isOwnNetwork } from "./cni-rules.ts";
import { diskUsage, type UsageOptions } from "./disk-usage.ts";
import type { ObservedPath } from "./observation.ts";
import type { ContainerState } from "./observe-pods.ts";
import { runcDirectories } from "./observe-runc.ts";
import { namesIn } from "../../os/names-in.ts";

export interface OutsideOptions {
  readonly containers: ContainerState;
  /** Uids of pods of another kubelet. */
  readonly strangersPods: ReadonlySet<string>;
  /** What is here is of this installation, not of another one. */
  readonly alone: boolean;
  /** A node of this installation has run pods; otherwise nothing of pods and their networks belongs to it. */
  readonly ranPods: boolean;
  /** Those of the fixed paths that did not exist before k0s. */
  readonly absentBefore: readonly string[];
  readonly cniBinDir: string;
  readonly mounts: readonly Mount[];
  readonly measure: boolean;
}

export interface OutsideObservation {
  readonly paths: readonly ObservedPath[];
  /** Go if nothing is in them. */
  readonly maybeEmpty: readonly string[];
  /** Look like ours, and were there before. */
  readonly leftAlone: readonly string[];
}

export async function observeOutside(options: OutsideOptions): Promise<OutsideObservation> {
  const { containers, ranPods } = options;
  const own = clusterPaths.filter((path) => isOwnPath(path, options));
  const notes = ranPods ? await cniNotes(containers) : { ours: [], unproven: [] };
  const ofPods = ranPods
    ? [...(await runcDirectories(containers)), ...(await podLogs(options.strangersPods)), ...notes.ours]
    : [];
  const candidates = [...own, ...ofPods, ...(await cniPrograms(options)), ...(await managedConfigs(options))];
  const others = clusterPaths.filter((path) => !own.includes(path));
  return {
    paths: await measured(candidates, options),
    maybeEmpty: await present(sharedDirectories.filter((path) => isOwnShared(path, options))),
    leftAlone: [
      ...(await measured(others, { ...options, measure: false })).map(({ path }) =>
        ranPods ? `${path} (older than k0s' record)` : `${path} (no pod of k0s has run here)`,
      ),
      ...notes.unproven.map((path) => `${path} (its network namespace is not k0s')`),
    ],
  };
}

/** Not there before k0s; and made for pods of this installation, or by its control plane. */
export function isOwnPath(
  path: string,
  { ranPods, alone, absentBefore }: Pick<OutsideOptions, "ranPods" | "alone" | "absentBefore">,
): boolean {
  return absentBefore.includes(path) && (ranPods || (alone && pathsWithoutPods.includes(path)));
}

/** A control plane makes none but those above its own paths: an empty /etc/k0s on such a host is its operator's. */
export function isOwnShared(
  directory: string,
  { ranPods, alone, absentBefore }: Pick<OutsideOptions, "ranPods" | "alone" | "absentBefore">,
): boolean {
  const made = ranPods || (alone && pathsWithoutPods.some((path) => path.startsWith(`${directory}/`)));
  return made && absentBefore.includes(directory);
}

async function present(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(statIfExists));
  return paths.filter((_, at) => found[at] !== undefined);
}

/** Those that are there. */
export async function measured(paths: readonly string[], options: UsageOptions): Promise<ObservedPath[]> {
  const found = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const bytes = await diskUsage(path, options);
      return bytes === undefined ? [] : [{ path, bytes }];
    }),
  );
  return found.flat();
}

/** By the names that kubelets give, and no other program: of pods that are not another kubelet's. */
export async function podLogs(
  strangers: ReadonlySet<string>,
  { pods: podsDir, containers } = { pods: "/var/log/pods", containers: "/var/log/containers" },
): Promise<string[]> {
  const isOurs = (name: string): boolean => {
    const uid = /^[a-z0-9.-]+_[a-z0-9.-]+_([0-9a-f-]{32,36})$/.exec(name)?.[1];
    return uid !== undefined && !strangers.has(uid);
  };
  const names = await namesIn(podsDir);
  const pods = names.filter(isOurs).map((name) => join(podsDir, name));
  const kept = names.filter((name) => !isOurs(name)).map((name) => join(podsDir, name));
  const links = await Promise.all(
    (await namesIn(containers)).map(async (name) => {
      const path = join(containers, name);
      const target = (await linkTarget(path)) ?? "";
      const isOthers = kept.some((dir) => target.startsWith(`${dir}/`));
      return target.startsWith(`${podsDir}/`) && !isOthers ? [path] : [];
    }),
  );
  return [...pods, ...links.flat()];
}

/**
 * Of the directory that all container runtimes share: links to our own plug-ins, and what the records of our installers
 * name, as long as it still is the very file that they noted.
 */
async function cniPrograms({ cniBinDir }: OutsideOptions): Promise<string[]> {
  const records = [...(await readRecords(hostCniBinDir)).values()];
  const unchanged = await Promise.all(
    records
      .flatMap(({ files }) => files)
      .map(async (file) => ((await fileMatches(join(hostCniBinDir, file.path), file)) ? [file.path] : [])),
  );
  const programs = new Set(unchanged.flat());
  const links = await Promise.all(
    (await namesIn(hostCniBinDir)).map(async (name) => {
      const target = (await linkTarget(join(hostCniBinDir, name))) ?? "";
      return programs.has(target) || target.startsWith(`${cniBinDir}/`) ? [name] : [];
    }),
  );
  // The records last: a reset that was interrupted needs them to know the rest.
  const notes = records.map(({ part }) => `.part-${part}.json`);
  return [...links.flat(), ...programs, ...notes].map((name) => join(hostCniBinDir, name));
}

interface CniNotes {
  readonly ours: readonly string[];
  /** Bear the name of one of our networks, which others may have chosen too. */
  readonly unproven: readonly string[];
}

/** The CNI library's notes about our networks and loopback links: of our containers, or of pods whose namespace is gone. */
async function cniNotes(containers: ContainerState): Promise<CniNotes> {
  const ours: string[] = [];
  const unproven: string[] = [];
  for (const dir of ["/var/lib/cni/results", "/var/lib/cni/cache/results"]) {
    for (const name of await namesIn(dir)) {
      const [, network = "", container = ""] = /^(.+)-([0-9a-f]{16,})-[^-]+$/.exec(name) ?? [];
      if (network !== "cni-loopback" && !isOwnNetwork(network)) continue;
      const path = join(dir, name);
      const proven = containers.ids.includes(container) || (await isStaleNote(path, containers.netns));
      if (proven) ours.push(path);
      else if (isOwnNetwork(network)) unproven.push(path);
    }
  }
  const addresses = (await namesIn("/var/lib/cni/networks")).filter(isOwnNetwork);
  return { ours: [...ours, ...addresses.map((name) => join("/var/lib/cni/networks", name))], unproven };
}

async function isStaleNote(path: string, netns: readonly string[]): Promise<boolean> {
  const named = /"netns":"([^"]+)"/.exec((await readFileIfExists(path)) ?? "")?.[1];
  return named !== undefined && (netns.includes(named) || (await statIfExists(named)) === undefined);
}

/**
 * Files that say themselves that k0s keeps them. Another installation on this host uses them, too, whichever has written them: without
 * names of protocols its kube-proxy forgets Services within an hour (docs/adr/0097).
 */
export async function managedConfigs(
  { alone }: Pick<OutsideOptions, "alone">,
  files = { containerd: "/etc/k0s/containerd.toml", hosts: hostsFile, protocols: protocolsFile },
): Promise<string[]> {
  if (!alone) return [];
  const paths = [files.containerd, files.hosts, files.protocols] as const;
  const [text, hosts, protocols] = await Promise.all(paths.map((file) => readFileIfExists(file)));
  return [
    ...(text !== undefined && isManagedConfig(text) ? [files.containerd] : []),
    ...(hosts === ownHostsFile ? [files.hosts] : []),
    ...(protocols === ownProtocolsFile ? [files.protocols] : []),
  ];
}
