// `k0s kubeconfig admin|create`. Upstream: cmd/kubeconfig/admin.go, cmd/kubeconfig/create.go.

import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { externalApiUrl } from "../../config/derived.ts";
import type { NodePaths } from "../../product/paths.ts";
import { readFileIfExists, statIfExists, writeFileAtomic } from "../../os/files.ts";
import { issueLeaf } from "../../pki/issue.ts";
import { kubeconfigYaml } from "../../kube/kubeconfig.ts";
import { issuerIn } from "../../pki/issuer.ts";
import { ownPkiNames } from "../../pki/own-names.ts";
import { errno, UserError } from "../../std/errors.ts";
import { usageError } from "../core/cobra-command.ts";
import { runOnController } from "../core/controller-hint.ts";
import type { CliIo } from "../core/io.ts";
import { knownControllers } from "./controller-contexts.ts";
import { livePaths } from "../core/live-paths.ts";
import { nodeConfig } from "../core/node-config.ts";
import { parseTrust, type TrustBundle } from "../../std/trust-bundle.ts";

interface PathFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
}

interface CreateFlags extends PathFlags {
  readonly config: string;
  readonly groups: readonly string[];
  readonly expiresAfter: number;
  readonly contextName: string;
}

export async function kubeconfigAdmin(flags: PathFlags, io: CliIo): Promise<void> {
  const paths = await livePaths(flags, io);
  const [ca, cert, key] = await Promise.all([
    readTrust(paths),
    readPki(paths, "admin.crt"),
    readPki(paths, "admin.key"),
  ]);
  const config = await nodeConfig(paths, undefined, io);
  const others = await knownControllers(paths, io);
  io.out(
    kubeconfigYaml({
      server: externalApiUrl(config),
      ca,
      cert,
      key,
      others,
    }),
  );
}

export async function kubeconfigCreate({
  flags,
  args,
  io,
}: {
  flags: CreateFlags;
  args: readonly string[];
  io: CliIo;
}): Promise<void> {
  const user = args[0] ?? "";
  const { groups, contextName, expiresAfter } = flags;
  if (user === "") throw usageError("username cannot be empty");
  if (contextName === "") throw usageError("context-name cannot be empty");
  if (groups.includes("")) throw usageError("a group cannot be empty");
  if (expiresAfter <= 0) throw usageError("certificate-expires-after must be positive");
  const paths = await livePaths(flags, io);
  const [ca, caKey] = await Promise.all([readTrust(paths), readPki(paths, "ca.key")]);
  const base = await userFileBase(paths, user, ca);
  const config = await nodeConfig(paths, flags.config === "" ? undefined : flags.config, io);
  const leaf = await issueLeaf({
    ca: issuerIn(ca, caKey, join(paths.pkiDir, "ca")),
    cn: user,
    o: [...new Set(groups)],
    expiresMs: expiresAfter,
    // As the administrator's: docs/adr/0079.
    keyType: "rsa2048",
  });
  warnOfEarlierEnd(leaf.cert, expiresAfter, io);
  await writeFileAtomic(`${base}.key`, leaf.key, { mode: 0o640 });
  await writeFileAtomic(`${base}.crt`, leaf.cert, { mode: 0o644 });
  io.out(
    kubeconfigYaml({
      server: externalApiUrl(config),
      ca,
      ...leaf,
      cluster: contextName,
      context: contextName,
      user,
      others: await knownControllers(paths, io),
    }),
  );
}

/** A certificate cannot outlive the authority that signs it. */
function warnOfEarlierEnd(pem: string, wantedMs: number, io: Pick<CliIo, "err">): void {
  const ends = new X509Certificate(pem).validToDate.getTime();
  // It was signed a moment ago, and its dates have no fractions of a second.
  if (ends >= Date.now() + wantedMs - 120_000) return;
  io.err(
    `WARNING: the certificate ends ${new Date(ends).toISOString()}, sooner than asked for: the cluster's CA ends then\n`,
  );
}

async function readTrust(paths: NodePaths): Promise<TrustBundle> {
  return parseTrust(await readPki(paths, "ca.crt"), join(paths.pkiDir, "ca.crt"));
}

async function readPki(paths: NodePaths, name: string): Promise<string> {
  const path = join(paths.pkiDir, name);
  try {
    return await readFile(path, "utf8");
  } catch (err) {
    const why = { ENOENT: "it does not exist", EACCES: "permission denied" }[errno(err) ?? ""] ?? String(err);
    throw new UserError(`cannot read ${path}: ${why}; is the control plane initialized on this node?`, {
      code: "no-pki",
      hint: `${runOnController}.`,
      cause: err,
    });
  }
}

/** Where the user's files go; refuses names that would replace what k0s did not make for a user. */
async function userFileBase(paths: NodePaths, user: string, ca: TrustBundle): Promise<string> {
  const why = notAFileName(user);
  if (why !== undefined) throw usageError(`username ${why}`);
  const base = join(paths.pkiDir, user);
  const [cert, key] = await Promise.all([readFileIfExists(`${base}.crt`), statIfExists(`${base}.key`)]);
  const taken = cert === undefined ? key !== undefined : !isUserCertificate(cert, user, ca);
  // By name, too: some certificates of k0s look like a user's, and some are not there yet.
  if (!taken && !ownPkiNames().has(user)) return base;
  throw new UserError(`the name ${user} belongs to a certificate of k0s itself`, {
    code: "reserved-name",
    hint: "Choose another username.",
  });
}

/** The longest name that leaves room for the names of temporary files, in bytes. */
const longestUser = 200;

function notAFileName(user: string): string | undefined {
  if (user.includes("/")) return "cannot contain a slash";
  if (user === "." || user === "..") return `cannot be ${user}`;
  if (/\p{Cc}/u.test(user)) return "cannot contain control characters";
  return Buffer.byteLength(user) > longestUser ? `cannot be longer than ${longestUser} bytes` : undefined;
}

function isUserCertificate(pem: string, user: string, { anchors }: TrustBundle): boolean {
  const certificate = new X509Certificate(pem);
  const authorities = anchors.map((anchor) => new X509Certificate(anchor.pem).subject);
  // The text form escapes its special characters.
  const names = certificate.subject.split("\n").map((line) => line.replaceAll(/\\(.)/g, "$1"));
  return !certificate.ca && authorities.includes(certificate.issuer) && names.includes(`CN=${user}`);
}
