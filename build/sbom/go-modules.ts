// The modules that were really linked into an executable: the linker wrote the list into it.

import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { goEnvironment } from "../components/go-build.ts";

export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Checksum as go.sum has it, `h1:…`. */
  readonly sum?: string;
  /** Linked from a copy that the component's patches have changed. */
  readonly patched?: true;
}

export interface GoBuildInfo {
  readonly goVersion: string;
  readonly modules: readonly GoModule[];
}

/** Parses `go version -m`; a module that another one replaces is listed as that one, for that is what was linked. */
export function parseBuildInfo(text: string): GoBuildInfo {
  const modules: GoModule[] = [];
  let goVersion = "";
  for (const line of text.split("\n")) {
    const [indent, kind, path = "", version = "", sum = ""] = line.split("\t");
    if (indent !== "") {
      goVersion = line.split(": ").at(-1) ?? "";
      continue;
    }
    const replaced = kind === "=>" ? modules.pop() : undefined;
    // A main package that was copied from a module which is listed itself.
    if (path.startsWith("./lifted/")) continue;
    if (replaced !== undefined && path.startsWith("./"))
      modules.push({ path: replaced.path, version: replaced.version, patched: true });
    else if (kind === "dep" || kind === "=>") modules.push({ path, version, ...(sum === "" ? {} : { sum }) });
  }
  return { goVersion, modules };
}

/** The modules of several executables of one component, each once, sorted, the Go standard library first. */
export async function linkedModules(
  executables: readonly string[],
  signal?: AbortSignal,
): Promise<readonly GoModule[]> {
  const found = new Map<string, GoModule>();
  for (const executable of executables) {
    const text = await runCommand(["go", "version", "-m", executable], {
      what: "reading the module list of an executable",
      env: goEnvironment(hostPlatform()),
      ...(signal === undefined ? {} : { signal }),
    });
    const info = parseBuildInfo(text);
    found.set("std", { path: "std", version: info.goVersion.replace(/^go/, "") });
    for (const module of info.modules) found.set(`${module.path}@${module.version}`, module);
  }
  const [std = [], ...rest] = [...found.entries()];
  return [std, ...rest.sort(([a], [b]) => (a < b ? -1 : 1))].flatMap(([, module]) =>
    module === undefined ? [] : [module],
  );
}
