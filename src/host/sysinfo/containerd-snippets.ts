// Snippets of containerd's configuration that the user added: the format changed with containerd 2.
// Upstream: internal/pkg/sysinfo/probes/containerd.go.

import { join } from "node:path";
import { errorMessage } from "../../std/errors.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

const snippetDir = "/etc/k0s/containerd.d/";

export const snippetUnreadable: Finding = {
  category: "rejected",
  message: "not valid TOML: {error}",
  why: "containerd does not start with a file that it cannot read.",
  remedy: `Put it right, or take it out of ${snippetDir}.`,
};

export const snippetOfOtherVersion: Finding = {
  category: "rejected",
  message: "only version 3 is supported",
  why: "containerd 2 refuses to join files of different versions.",
  remedy: `Write it for version 3: rename its sections to io.containerd.cri.v1.runtime and .images, and begin with version = 3; or take it out of ${snippetDir}.`,
};

export const snippetOfOldSection: Finding = {
  category: "rejected",
  message:
    "the section io.containerd.grpc.v1.cri belongs to containerd 1; use io.containerd.cri.v1.runtime and .images",
  why: "containerd 2 does not look at that section: the settings would have no effect.",
  remedy:
    "Rename it: settings of images go to io.containerd.cri.v1.images, all others to io.containerd.cri.v1.runtime.",
};

export const containerdSnippetsProbe: Probe = {
  id: "containerd:configSnippets",
  displayName: `Containerd config snippets in ${snippetDir}`,
  check: async (host) => {
    const found = await snippetFiles(host);
    return pass(found.length === 0 ? "none" : String(found.length));
  },
  children: async (host) => (await snippetFiles(host)).map(snippetProbe),
};

async function snippetFiles(host: ProbeHost): Promise<string[]> {
  return (await host.list(snippetDir))
    .filter((name) => name.endsWith(".toml"))
    .map((name) => join(snippetDir, name));
}

function snippetProbe(file: string): Probe {
  return {
    id: file,
    displayName: `Containerd config snippet: ${file}`,
    check: async (host) => checkSnippet((await host.readText(file)) ?? ""),
  };
}

export function checkSnippet(text: string): Outcome {
  let parsed: Record<string, unknown>;
  try {
    parsed = Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (err) {
    return found(snippetUnreadable, "", { error: errorMessage(err) });
  }
  const { version, plugins } = parsed;
  if (version !== undefined && version !== 3)
    return found(snippetOfOtherVersion, `version ${JSON.stringify(version)}`);
  if (typeof plugins === "object" && plugins !== null && "io.containerd.grpc.v1.cri" in plugins)
    return found(snippetOfOldSection, "");
  return pass(version === 3 ? "version 3" : "no version");
}
