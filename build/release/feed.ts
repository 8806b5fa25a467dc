// The release feed: what the updater and the prober for updates of a cluster read, and what k0sctl takes for the newest
// version. Upstream: pkg/autopilot/channels/versions.go.

import { dump } from "js-yaml";

export interface FeedPlatform {
  readonly os: string;
  readonly arch: string;
  readonly k0s: FeedFile;
  readonly airgapBundle: FeedFile;
}

export interface FeedFile {
  readonly url: string;
  readonly sha256: string;
}

export interface FeedInputs {
  readonly version: string;
  /** Last day of support of this minor version, `2027-10-28`; empty if it is not known. */
  readonly endOfLife: string;
  readonly platforms: readonly FeedPlatform[];
}

/** Below the URL of the feed: path → content. */
export function feedFiles(inputs: FeedInputs): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const channel of channelsOf(inputs.version))
    files.set(`${channel}/index.yaml`, channelIndex(channel, inputs));
  files.set("latest.txt", `${inputs.version}\n`);
  if (isStable(inputs.version)) files.set("stable.txt", `${inputs.version}\n`);
  return files;
}

/** The paths of these files, whatever they say. */
export function feedPaths(version: string): readonly string[] {
  return [...feedFiles({ version, endOfLife: "", platforms: [] }).keys()];
}

/** A pre-release is offered to those alone who ask for the latest. */
export function channelsOf(version: string): readonly string[] {
  const [minor = version] = /^v\d+\.\d+/.exec(version) ?? [];
  return isStable(version) ? ["latest", "stable", `stable/${minor}`] : ["latest"];
}

export function isStable(version: string): boolean {
  const [core = ""] = version.split("+");
  return !core.includes("-");
}

/** The version is what `k0s version` prints: an update that finds another one there does not end. */
function channelIndex(channel: string, { version, endOfLife, platforms }: FeedInputs): string {
  return dump({
    channel,
    eolDate: endOfLife,
    version,
    downloadURLs: platforms.map(({ os, arch, k0s, airgapBundle }) => ({
      arch,
      os,
      k0s: k0s.url,
      k0sSha256: k0s.sha256,
      airgapBundle: airgapBundle.url,
      airgapSha256: airgapBundle.sha256,
    })),
  });
}
