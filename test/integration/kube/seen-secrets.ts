// What others could have seen while helm was at work: arguments of all processes, the environment of helm, and the modes of its
// files.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { listProcesses, processArguments, processEnvironment } from "../../../src/os/processes.ts";
import { isNotFound } from "../../../src/std/errors.ts";
import { pause } from "../../../src/std/wait.ts";

export interface SeenSecrets {
  readonly texts: ReadonlySet<string>;
  readonly modes: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Looks again and again until it is stopped; `helmDir` has the directories of helm's steps. */
export function watchSecrets(helmDir: string): SeenSecrets {
  const stopping = new AbortController();
  const texts = new Set<string>();
  const modes = new Set<string>();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await lookAtProcesses(texts);
      await lookAtModes(helmDir, modes);
      await pause(25, stopping.signal);
    }
  })();
  return {
    texts,
    modes,
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

async function lookAtProcesses(texts: Set<string>): Promise<void> {
  for (const { pid } of await listProcesses()) {
    if (pid === process.pid) continue;
    const args = await processArguments(pid);
    for (const text of args) texts.add(text);
    if (args[0] !== "helm") continue;
    for (const [name, value] of await processEnvironment(pid)) texts.add(`${name}=${value}`);
  }
}

async function lookAtModes(helmDir: string, modes: Set<string>): Promise<void> {
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  try {
    for (const step of await readdir(helmDir)) {
      modes.add(`directory ${await modeOf(join(helmDir, step))}`);
      for (const name of ["repositories.yaml", "registry.json", "values-0.yaml", "ca.crt"])
        modes.add(`${name} ${await modeOf(join(helmDir, step, name))}`);
    }
  } catch (err) {
    // It has gone, or is being made, while we look.
    if (!isNotFound(err)) throw err;
  }
}
