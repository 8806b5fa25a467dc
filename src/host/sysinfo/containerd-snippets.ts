// Snippets of containerd's configuration that the user added: the format changed with containerd 2.
// Upstream: internal/pkg/sysinfo/probes/containerd.go.

import { join } from "node:path";
import { errorMessage } from "../../std/errors.ts";
import { pass, reject, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

const snippetDir = "/etc/k0s/containerd.d/";

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
    return reject("", `not valid TOML: ${errorMessage(err)}`);
  }
  const { version, plugins } = parsed;
  if (version !== undefined && version !== 3)
    return reject(`version ${JSON.stringify(version)}`, "only version 3 is supported");
  if (typeof plugins === "object" && plugins !== null && "io.containerd.grpc.v1.cri" in plugins) {
    return reject(
      "",
      "the section io.containerd.grpc.v1.cri belongs to containerd 1; use io.containerd.cri.v1.runtime and .images",
    );
  }
  return pass(version === 3 ? "version 3" : "no version");
}
