// Blobs on their way into a bundle: a folder with a file for each, whole ones under their digest, begun ones beside them. A
// later run, or a later try, goes on where the last one was cut off.

import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { renameFile, statIfExists } from "../../os/files.ts";
import { backoffDelay } from "../../std/backoff.ts";
import { UserError } from "../../std/errors.ts";
import { sleep } from "../../std/wait.ts";
import { fileBlob } from "../archive-reader.ts";
import type { Blob, Descriptor } from "../image.ts";
import { usualPatience, watched } from "./body.ts";
import type { RegistryClient } from "./client.ts";
import { type ImageName, imageNameText } from "./image-name.ts";
import { RegistryTrouble } from "./trouble.ts";

export interface BlobStore {
  /** Resolves when the blob is there, whole and proved. */
  fetch(client: RegistryClient, name: ImageName, blob: Descriptor, signal: AbortSignal): Promise<void>;
  /** Of one that has been fetched; undefined for any other. */
  open(digest: string): Blob | undefined;
}

export interface BlobStoreOptions {
  /** Tries in a row without a single new byte; default 5. */
  readonly tries?: number;
  /** A connection on which nothing comes for so long is given up; default one minute. */
  readonly silenceMs?: number;
  /** Between tries; for tests. */
  readonly pauses?: { readonly firstMs: number; readonly longestMs: number };
}

// A link in place of a blob would lead to a file of somebody else.
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
const defaultPauses = { firstMs: 500, longestMs: 10_000 };

/** `dir` exists. */
export function blobStore(dir: string, options: BlobStoreOptions = {}): BlobStore {
  const sizes = new Map<string, number>();
  const pathOf = (digest: string): string => join(dir, digest.replace(":", "-"));
  return {
    async fetch(client, name, { digest, size }, signal) {
      const path = pathOf(digest);
      if (!(await isWhole(path, digest, size, signal))) {
        await fetchInto({ path: `${path}.part`, client, name, digest, size, options, signal });
        await renameFile(`${path}.part`, path);
      }
      sizes.set(digest, size);
    },
    open(digest) {
      const size = sizes.get(digest);
      return size === undefined ? undefined : { size, stream: () => Bun.file(pathOf(digest)).stream() };
    },
  };
}

/** Of an earlier run; proved again, since its disk or a crash may have changed it. */
async function isWhole(path: string, digest: string, size: number, signal: AbortSignal): Promise<boolean> {
  if ((await statIfExists(path))?.size !== size) return false;
  await using file = await open(path, O_RDONLY | O_NOFOLLOW);
  return digestOf(await hashOf(file, size, signal)) === digest;
}

interface Fetching {
  readonly path: string;
  readonly client: RegistryClient;
  readonly name: ImageName;
  readonly digest: string;
  readonly size: number;
  readonly options: BlobStoreOptions;
  readonly signal: AbortSignal;
}

async function fetchInto(fetching: Fetching): Promise<void> {
  const { path, client, name, digest, size, options, signal } = fetching;
  await using file = await open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600);
  let done = Math.min((await file.stat()).size, size);
  let hash = await hashOf(file, done, signal);
  const startAgain = async (): Promise<void> => {
    await file.truncate(0);
    done = 0;
    hash = createHash("sha256");
  };
  let damaged = 0;
  for (let failures = 0; ;) {
    const before = done;
    try {
      if (done < size) {
        const answer = await client.blob(name, digest, done, signal);
        if (answer.offset !== done) await startAgain();
        for await (const chunk of watched(
          answer.stream,
          name.registry,
          options.silenceMs ?? usualPatience.silenceMs,
        )) {
          signal.throwIfAborted();
          if (done + chunk.length > size) break;
          await file.appendFile(chunk);
          hash.update(chunk);
          done += chunk.length;
        }
      }
      if (done < size) throw new RegistryTrouble(`${name.registry} ended before all of ${digest} had come`);
      if (digestOf(hash) === digest) {
        await file.sync();
        return;
      }
      damaged += 1;
      if (damaged > 1)
        throw new UserError(
          `${name.registry} sends other content than ${digest} of ${imageNameText(name)}: twice its digest was another one`,
          { code: "blob-damaged" },
        );
      await startAgain();
    } catch (err) {
      signal.throwIfAborted();
      if (!(err instanceof RegistryTrouble)) throw err;
      failures = done > before ? 1 : failures + 1;
      if (failures >= (options.tries ?? 5))
        throw new UserError(err.message, { code: "registry-unreachable", cause: err });
      const { retryAfterMs } = err;
      await sleep(backoffDelay(failures, options.pauses ?? defaultPauses, { retryAfterMs }), signal);
    }
  }
}

async function hashOf(file: FileHandle, size: number, signal: AbortSignal): Promise<Hash> {
  const hash = createHash("sha256");
  if (size === 0) return hash;
  for await (const chunk of fileBlob(file, { offset: 0, size }).stream()) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash;
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.copy().digest("hex")}`;
}
