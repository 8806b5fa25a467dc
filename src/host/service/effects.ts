// What the deeds on a service need of the host.

import { mkdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { run } from "../../os/exec.ts";
import {
  linkTarget,
  readFileIfExists,
  statIfExists,
  writeFileAtomic,
  writeLinkAtomic,
} from "../../os/files.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { namesIn } from "../../os/names-in.ts";
import { removeEmptyDirectory, removeFile, removeTree } from "../../os/removal.ts";
import { removeStaleTemporaries } from "../../os/temporary-files.ts";
import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";
import { inTime, type TimeoutError } from "../../std/wait.ts";
import type { Answer, HostCommand, ServiceFile, ServiceLink } from "./definition.ts";

export interface CommandLimit {
  /** A TimeoutError after that long; a UserError after ten minutes where none is given. */
  readonly timeoutMs: number;
}

export interface ServiceHost {
  read(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  write(file: ServiceFile): Promise<void>;
  /** Of what is in a directory; none if there is no such directory. */
  names(directory: string): Promise<readonly string[]>;
  /** Where a symbolic link leads; undefined if there is none. */
  linkTarget(path: string): Promise<string | undefined>;
  link(link: ServiceLink): Promise<void>;
  /** A file or a link. */
  remove(path: string): Promise<void>;
  /** Only if nothing is in it. */
  removeDirectory(path: string): Promise<void>;
  /** With all that is in it. */
  removeTree(path: string): Promise<void>;
  run(command: HostCommand, limit?: CommandLimit): Promise<Answer>;
  /** Also after the deed was aborted: to take back what it has done. */
  runAnyway(command: HostCommand): Promise<Answer>;
  /** What a killed k0s has left that was writing the file: it may hold values of variables. */
  removeTemporaries(path: string): Promise<void>;
}

/** Stopping may take the 90 s that k0s has for it, and a slow host's manager needs time of its own: only what hangs is given up. */
const commandLimitMs = 600_000;

const takeBackLimitMs = 30_000;

export function thisServiceHost(signal: AbortSignal): ServiceHost {
  return {
    read: readFileIfExists,
    exists: async (path) => (await statIfExists(path)) !== undefined,
    write: async ({ path, mode, text }) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, text, { mode });
    },
    names: namesIn,
    linkTarget,
    link: ({ path, target }) => writeLinkAtomic(path, target),
    remove: removeFile,
    removeTree: (path) => removeTree(path),
    removeDirectory: async (path) => void (await removeEmptyDirectory(path)),
    run: ([program, ...args], limit) => {
      const { timeoutMs } = limit ?? { timeoutMs: commandLimitMs };
      const answer = run(findExecutable(program) ?? program, args, { signal, timeoutMs });
      return limit === undefined ? inTime(answer, hanging([program, ...args])) : answer;
    },
    runAnyway: async ([program, ...args]) =>
      run(findExecutable(program) ?? program, args, { timeoutMs: takeBackLimitMs }),
    removeTemporaries: async (path) => void (await removeStaleTemporaries([dirname(path)], basename(path))),
  };
}

function hanging(words: HostCommand): (cause: TimeoutError) => UserError {
  return (cause) =>
    new UserError(
      `\`${words.join(" ")}\` did not end within ${formatDuration(commandLimitMs)}, and was killed`,
      {
        code: "service-manager-hangs",
        hint: "The service manager's own log says more. Run the command again when it answers.",
        cause,
      },
    );
}
