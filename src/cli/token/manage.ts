// `k0s token create|list|invalidate`. Upstream: cmd/token.

import { join } from "node:path";
import { externalApiUrl, isStorageJoinable, joinApiUrl } from "../../config/derived.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { queryStatus } from "../../status/client.ts";
import { readFileIfExists } from "../../os/files.ts";
import { describeFailure } from "../../std/connection-failure.ts";
import { UserError } from "../../std/errors.ts";
import { formatTable } from "../../std/text-table.ts";
import { inTime, pollUntil } from "../../std/wait.ts";
import { encodeJoinToken } from "../../token/join-token.ts";
import { createBootstrapToken, listBootstrapTokens, removeBootstrapToken } from "../../token/manage.ts";
import { type JoinRole, parseJoinRole } from "../../token/role.ts";
import { tokenId } from "../../token/token-id.ts";
import { adminClient, noControlPlane } from "../core/admin-client.ts";
import { boundedWait } from "../core/bounded-wait.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { nodeConfig } from "../core/node-config.ts";
import { warnOfEndlessToken } from "./warning.ts";
import { parseTrust } from "../../std/trust-bundle.ts";
import { secondsTimestamp } from "../../std/timestamp.ts";

const apiServer = "the API server of this host";

interface PathFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
}

interface CreateFlags extends PathFlags {
  readonly expiry: number;
  readonly role: string;
  readonly wait: boolean;
}

export async function tokenCreate(flags: CreateFlags, io: CliIo): Promise<void> {
  const role = parseJoinRole(flags.role);
  const create = (signal: AbortSignal): Promise<string> =>
    createToken(flags, { role, validMs: flags.expiry, signal }, io);
  const text = flags.wait ? await patiently(create, io) : await create(io.signal);
  if (flags.expiry === 0) warnOfEndlessToken(io);
  io.out(`${text}\n`);
}

async function patiently(create: (signal: AbortSignal) => Promise<string>, io: CliIo): Promise<string> {
  const options = {
    what: "this controller",
    intervalMs: 1_000,
    timeoutMs: 120_000,
    signal: io.signal,
    fatal: (err: unknown) => err instanceof UserError && err.code === "token-refused",
  };
  const late = (cause: Error): UserError =>
    new UserError(cause.message, { code: "no-token", hint: "See what `k0s status` says.", cause });
  return await inTime(pollUntil(create, options), late);
}

async function createToken(
  flags: PathFlags,
  options: { role: JoinRole; validMs: number; signal: AbortSignal },
  io: CliIo,
): Promise<string> {
  const { role, signal } = options;
  const paths = await livePaths(flags, io);
  const status = await queryStatus(paths.statusSocket, signal);
  if (status.Role !== "controller") throw refusal("this host is a worker", "Run it on a controller.");
  if (status.SingleNode) {
    throw refusal(
      "cannot join into a single node cluster",
      "It stays one: its objects are in a database of this host alone. A cluster that grows is a new one: `k0s stop`, `k0s reset` (all of its objects go), then `k0s controller --enable-worker` without --single.",
    );
  }
  const config = await nodeConfig(paths, undefined, io);
  if (role === "controller" && !isStorageJoinable(config)) {
    throw refusal(
      "cannot join controller into current storage",
      "SQLite is a file of this host. Use etcd, or a database that all controllers reach.",
    );
  }
  const caFile = join(paths.pkiDir, "ca.crt");
  const caText = await readFileIfExists(caFile);
  if (caText === undefined) throw noControlPlane(paths);
  const ca = parseTrust(caText, caFile);
  const client = await kubeClientFromKubeconfig(paths.adminKubeconfig);
  const { token, expires } = await boundedWait(
    (bounded) => createBootstrapToken(client, { ...options, signal: bounded }).catch(unavailable),
    { what: apiServer },
    { err: (text) => io.err(text), signal },
  );
  const server = role === "worker" ? externalApiUrl(config) : joinApiUrl(config);
  return encodeJoinToken({ server, ca, token, role, expires });
}

export async function tokenList(flags: PathFlags & { readonly role: string }, io: CliIo): Promise<void> {
  // Upstream fails without a role; its help says that none means all, as it does here.
  const role = flags.role === "" ? undefined : parseJoinRole(flags.role);
  const client = await adminClient(await livePaths(flags, io));
  const tokens = await boundedWait(
    (signal) => listBootstrapTokens(client, { role, signal }).catch(unavailable),
    { what: apiServer },
    io,
  );
  if (tokens.length === 0) {
    io.out("No k0s join tokens found\n");
    return;
  }
  const rows = tokens.map(({ id, role: of, expires }) => [
    id,
    of,
    expires === undefined ? "never" : goTime(expires),
  ]);
  io.out(formatTable(["ID", "Role", "Expires at"], rows));
}

export async function tokenInvalidate(flags: PathFlags, given: readonly string[], io: CliIo): Promise<void> {
  // All are checked before the first is removed: a typing error leaves the cluster as it is.
  const ids = await Promise.all(given.map(tokenId));
  const client = await adminClient(await livePaths(flags, io));
  const remove = (id: string): Promise<boolean> =>
    boundedWait(
      (signal) => removeBootstrapToken(client, id, signal).catch(unavailable),
      { what: apiServer },
      io,
    );
  await invalidateTokens([...new Set(ids)], remove, io);
}

/** Removes each; throws a `UserError` at the end that names those that were not there. */
export async function invalidateTokens(
  ids: readonly string[],
  remove: (id: string) => Promise<boolean>,
  io: Pick<CliIo, "out">,
): Promise<void> {
  const missing: string[] = [];
  for (const id of ids) {
    if (await remove(id)) io.out(`token ${id} deleted successfully\n`);
    else missing.push(id);
  }
  if (missing.length === 0) return;
  throw new UserError(`there is no join token ${missing.join(", ")}`, {
    code: "no-such-token",
    hint: "It may have expired, or be of another cluster: see `k0s token list`.",
  });
}

function refusal(why: string, hint: string): UserError {
  return new UserError(`refusing to create token: ${why}`, { code: "token-refused", hint });
}

function unavailable(err: unknown): never {
  throw new UserError(`the API server does not do it: ${describeFailure(err)}`, {
    code: "api-unavailable",
    hint: "If it is still starting, wait a moment, or use --wait. `k0s status` shows how far it is.",
    cause: err,
  });
}

/** RFC 3339 without a fraction. */
function goTime(date: Date): string {
  return Number.isNaN(date.getTime()) ? "invalid" : secondsTimestamp(date);
}
