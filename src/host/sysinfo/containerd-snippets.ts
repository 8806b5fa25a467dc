// Snippets of containerd's configuration that the user added: the format changed with containerd 2.
// Upstream: internal/pkg/sysinfo/probes/containerd.go.

import { join } from "node:path";
import { isManagedConfig } from "../../components/containerd/config-toml.ts";
import {
  type DropInFault,
  type DropInFile,
  dropInFault,
  jointFault,
} from "../../components/containerd/drop-in-faults.ts";
import { parsedToml } from "../../components/containerd/imported-settings.ts";
import { at } from "../../components/containerd/toml-value.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";
import { runtimesOf } from "./runtimes.ts";

const snippetDir = "/etc/k0s/containerd.d/";
const mainFile = "/etc/k0s/containerd.toml";

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

export const snippetRefused: Finding = {
  category: "rejected",
  message: "{problem}",
  why: "containerd does not start with it, or starts without its part for Kubernetes: this node would have no pods.",
  remedy: `Put it right, or take it out of ${snippetDir}.`,
};

export const containerdSnippetsProbe: Probe = {
  id: "containerd:configSnippets",
  displayName: `Containerd config snippets in ${snippetDir}`,
  check: async (host) => {
    const files = await snippetFiles(host);
    const fault = await faultOfAll(files, host);
    if (fault !== undefined)
      return found(snippetRefused, `${fault.path}${lineText(fault)}`, { problem: fault.message });
    return pass(files.length === 0 ? "none" : String(files.length));
  },
  children: async (host) => (await snippetFiles(host)).map(snippetProbe),
};

async function snippetFiles(host: ProbeHost): Promise<DropInFile[]> {
  const names = (await host.list(snippetDir)).filter((name) => name.endsWith(".toml")).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(snippetDir, name);
      return { path, text: (await host.readText(path)) ?? "" };
    }),
  );
}

/** Of an operator's own main file it is not known what it says. */
async function faultOfAll(files: readonly DropInFile[], host: ProbeHost) {
  const main = await host.readText(mainFile);
  if (main !== undefined && !isManagedConfig(main)) return undefined;
  const runtimes = runtimesOf(host).map(({ name }) => name);
  return jointFault(files, runtimes);
}

function snippetProbe({ path, text }: DropInFile): Probe {
  return {
    id: path,
    displayName: `Containerd config snippet: ${path}`,
    check: async () => checkSnippet(text),
  };
}

export function checkSnippet(text: string): Outcome {
  const fault = dropInFault(text);
  if (fault === undefined) return pass(at(parsedToml(text), "version") === 3 ? "version 3" : "no version");
  const line = fault.line === undefined ? "" : `line ${fault.line}`;
  switch (fault.kind) {
    case "syntax":
      return found(snippetUnreadable, line, { error: fault.message });
    case "version":
      return found(snippetOfOtherVersion, `${fault.message}${lineText(fault)}`);
    case "section":
      return found(snippetOfOldSection, line);
    case "value":
      return found(snippetRefused, line, { problem: fault.message });
  }
}

function lineText({ line }: DropInFault): string {
  return line === undefined ? "" : `, line ${line}`;
}
