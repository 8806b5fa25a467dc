// Keeps a server at a unix socket: a program that removes the socket, such as one that tidies up, does not hide k0s for
// longer than until the next look. Takes no socket away from anybody who listens on it.

import { link } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Stats } from "node:fs";
import { lstatIfExists } from "../os/files.ts";
import { removeFile } from "../os/removal.ts";
import { acceptsConnections } from "../os/unix-socket.ts";
import { errno, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { createLoop } from "../std/loop.ts";
import type { Component } from "../supervisor/component.ts";
import { task } from "../supervisor/task.ts";

export interface StatusSocketOptions {
  readonly path: string;
  /** Of k0s itself: what has the socket's name there is a left-over, as a crash of the machine may make a file of a socket. */
  readonly runDir: string;
  /** Listens on a socket that does not exist yet. Its stop may remove the file of that name. */
  readonly serve: (path: string) => Pick<Bun.Server<undefined>, "stop">;
  readonly log: Logger;
  /** From one look at the file to the next; default 10 s. */
  readonly everyMs?: number;
}

/** Its start throws a UserError when somebody else listens there, or a file of somebody else is in the way. */
export function statusSocket({ path, runDir, serve, log, everyMs = 10_000 }: StatusSocketOptions): Component {
  let server: ReturnType<typeof serve> | undefined;
  let ours: Stats | undefined;

  const isOurs = async (): Promise<boolean> => {
    const found = await lstatIfExists(path);
    return found !== undefined && found.dev === ours?.dev && found.ino === ours.ino;
  };

  const listen = async (): Promise<void> => {
    await clearSocketPath(path, runDir);
    // By a name of its own first: a server removes the name that it was made with when it ends, even if it is another
    // server's by then. And a link, unlike a rename, never takes the place of what is there.
    const first = join(dirname(path), `.${basename(path)}`);
    await removeFile(first);
    const next = serve(first);
    try {
      await link(first, path);
    } catch (err) {
      await next.stop(true);
      throw errno(err) === "EEXIST" ? inUse(path) : err;
    } finally {
      ours = await lstatIfExists(first);
      await removeFile(first);
    }
    // Requests that are under way are answered.
    const before = server;
    server = next;
    await before?.stop();
  };

  const loop = createLoop({
    name: "look at the status socket",
    log,
    everyMs,
    round: async () => {
      if (await isOurs()) return;
      await listen();
      log.warn("The status socket had been removed, listening on it again", { path });
    },
  });

  return task({
    name: "status",
    parts: async () => {
      await listen();
      return [loop];
    },
    end: async () => {
      await server?.stop(true);
      server = undefined;
      if (await isOurs()) await removeFile(path);
    },
  });
}

/**
 * Removes what a killed k0s left behind; a socket that somebody listens on is an error, and so is a file outside of
 * k0s' own directory. Upstream replaces any file.
 */
async function clearSocketPath(path: string, runDir: string): Promise<void> {
  if (await acceptsConnections(path)) throw inUse(path);
  const found = await lstatIfExists(path);
  if (dirname(path) !== runDir && found?.isSocket() === false) {
    throw new UserError(`--status-socket ${path} is a file that is not a socket`, {
      code: "status-socket-refused",
      hint: "k0s does not delete it. Choose another path.",
    });
  }
  await removeFile(path);
}

function inUse(path: string): UserError {
  return new UserError(`somebody else already listens on ${path}`, {
    code: "status-socket-in-use",
    hint: "Is another k0s running? Stop it, or choose another --status-socket.",
  });
}
