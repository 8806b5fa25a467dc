// `k0s support-bundle`: one file, whole or not at all.

import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { supportBundle } from "../../host/support-bundle/bundle.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { statIfExists } from "../../os/files.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { formatBytes } from "../../std/bytes.ts";
import { UserError } from "../../std/errors.ts";
import { assertDirectory } from "../core/output-directory.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { requireRoot } from "../core/require-root.ts";
import { doctorPart, sysinfoPart } from "./further-parts.ts";

export interface SupportBundleFlags {
  readonly output: string;
  readonly ageRecipient: readonly string[];
  readonly since: number | undefined;
  readonly dataDir: string;
  readonly statusSocket: string;
}

const dayMs = 86_400_000;

export async function writeSupportBundle(flags: SupportBundleFlags, io: CliIo): Promise<void> {
  requireRoot(io);
  const now = new Date();
  const name = bundleName(hostname(), now);
  const encrypts = flags.ageRecipient.length > 0;
  const path = resolve(flags.output === "" ? `${name}.tar.gz${encrypts ? ".age" : ""}` : flags.output);
  const encrypt = encrypts
    ? (await import("../../host/support-bundle/encrypt.ts")).ageEncrypter(flags.ageRecipient)
    : undefined;
  await assertFree(path);
  const paths = await livePaths(flags, io);
  const { archive, missing, warnings } = await supportBundle({
    paths,
    program: io.env["K0S_SELF"] ?? process.execPath,
    since: flags.since ?? now.getTime() - dayMs,
    name,
    now,
    signal: io.signal,
    further: [doctorPart(paths), sysinfoPart(paths, io)],
    client: async () =>
      (await statIfExists(paths.adminKubeconfig)) === undefined
        ? undefined
        : kubeClientFromKubeconfig(paths.adminKubeconfig),
  });
  const data = encrypt === undefined ? archive : await encrypt(archive);
  io.signal.throwIfAborted();
  await writeNewFile(path, data);
  for (const { part, why } of missing) io.err(`Not in the bundle: ${part}: ${why}\n`);
  for (const warning of warnings) io.err(`${warning}. Look through the bundle before you give it away.\n`);
  io.out(`${path} (${formatBytes(data.length)})\n`);
  if (!encrypts)
    io.err(
      "It has names and addresses of your hosts and workloads. With --age-recipient only one person can read it.\n",
    );
}

/** `k0s-support-node1-20261126T190216Z` */
export function bundleName(host: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return `k0s-support-${host.replaceAll(/[^A-Za-z0-9.-]/g, "_")}-${time}`;
}

/** Before a minute of work. */
export async function assertFree(path: string): Promise<void> {
  await assertDirectory(dirname(path), {
    what: "the directory of --output",
    or: "give another name with --output",
  });
  if ((await statIfExists(path)) === undefined) return;
  throw new UserError(`${path} is there already`, {
    code: "file-exists",
    hint: "Give another name with --output.",
  });
}
