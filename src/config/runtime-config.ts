// The running k0s tells other commands how it was started: <run>/k0s.yaml, valid while <run>/k0s.yaml.lock is held.
// Upstream: pkg/config/runtime.go.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../os/files.ts";
import { type FileLock, isLocked, type LockOptions, tryLock } from "../os/flock.ts";
import { removeFile } from "../os/removal.ts";
import { UserError } from "../std/errors.ts";
import { dumpYaml, parseYaml } from "../std/yaml.ts";
import { clusterConfigApiVersion } from "./api-version.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import type { NodePaths } from "../product/paths.ts";

export interface RuntimePublication {
  /** Complete configuration of a controller; undefined on a worker. */
  readonly nodeConfig: ClusterConfig | undefined;
  /** The configuration file that was given, if any. */
  readonly startupConfigPath?: string | undefined;
}

export interface RuntimeClaim {
  /** New at every start: identity in leader elections and of the konnectivity server. */
  readonly invocationId: string;
  /** As published last. */
  vars(): RuntimeVars;
  /** Writes the document; may be repeated. */
  publish(publication: RuntimePublication): Promise<void>;
  /** Removes the document and gives up the lock; the lock file stays. */
  release(): Promise<void>;
}

/** Makes this process the one k0s of its run directory. Throws a UserError when there is another. */
export async function claimRuntime(
  paths: NodePaths,
  take: (path: string, options: LockOptions) => FileLock | undefined = tryLock,
): Promise<RuntimeClaim> {
  await ensureDir(paths.runDir, { mode: 0o755 });
  const lock = take(paths.runtimeConfigLock, { mode: 0o600 });
  if (lock === undefined) throw anotherRuns();
  const invocationId = randomBytes(16).toString("hex");
  let vars = runtimeVars(paths, invocationId, { nodeConfig: undefined });
  return {
    invocationId,
    vars: () => vars,
    publish: async (publication) => {
      vars = runtimeVars(paths, invocationId, publication);
      await writeFileAtomic(paths.runtimeConfig, runtimeDocument(vars, publication), { mode: 0o600 });
    },
    release: async () => {
      await removeFile(paths.runtimeConfig);
      lock.release();
    },
  };
}

/** Throws the same UserError, and changes nothing. */
export function assertUnclaimed(paths: NodePaths): void {
  if (isRuntimeClaimed(paths)) throw anotherRuns();
}

function anotherRuns(): UserError {
  return new UserError("another k0s process is still running", {
    code: "already-running",
    hint: "`k0s status` shows it, `k0s stop` ends it.",
  });
}

/** True while a k0s runs with this run directory. */
export function isRuntimeClaimed(paths: NodePaths): boolean {
  return isLocked(paths.runtimeConfigLock);
}

/** Go field names → paths, as in the document. */
export type RuntimeVars = Readonly<Record<string, string>>;

export interface RuntimeConfig {
  readonly invocationId: string;
  readonly nodeConfig: ClusterConfig | undefined;
  readonly vars: RuntimeVars;
}

/** What the running k0s published; undefined if none runs, even when one left its document behind. */
export async function readRuntimeConfig(paths: NodePaths): Promise<RuntimeConfig | undefined> {
  if (!isRuntimeClaimed(paths)) return undefined;
  const text = await readFileIfExists(paths.runtimeConfig);
  return text === undefined ? undefined : parseRuntimeConfig(text, paths.runtimeConfig);
}

/** Reads a document as `publish` writes it. */
async function parseRuntimeConfig(text: string, source: string): Promise<RuntimeConfig> {
  const document = asMapping(parseYaml(text, { source }));
  const spec = asMapping(document["spec"]);
  if (document["kind"] !== "RuntimeConfig") {
    throw new UserError(`${source}: is not a runtime configuration`, { code: "invalid-runtime-config" });
  }
  const entries = Object.entries(asMapping(spec["k0sVars"]));
  const vars = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  return {
    invocationId: vars["InvocationID"] ?? "",
    nodeConfig: await nodeConfigOf(spec["nodeConfig"], vars),
    vars,
  };
}

/** Our own complete document: the defaults below never come into play. */
async function nodeConfigOf(
  document: unknown,
  vars: Readonly<Record<string, string>>,
): Promise<ClusterConfig | undefined> {
  if (document === null || document === undefined) return undefined;
  // The schema takes longer to load than all the rest: most readers of this module only want the lock.
  const { checkClusterConfig } = await import("./validate.ts");
  const defaults = { single: false, dataDir: vars["DataDir"] ?? "", publicAddress: "127.0.0.1" };
  return checkClusterConfig(document, defaults).config;
}

function asMapping(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function runtimeDocument(k0sVars: RuntimeVars, { nodeConfig }: RuntimePublication): string {
  return dumpYaml(
    {
      apiVersion: clusterConfigApiVersion,
      kind: "RuntimeConfig",
      metadata: { creationTimestamp: null },
      spec: { nodeConfig: nodeConfig ?? null, k0sVars },
    },
    { sortKeys: true },
  );
}

/** The paths under the names that upstream's structure gives them. */
function runtimeVars(paths: NodePaths, invocationId: string, publication: RuntimePublication): RuntimeVars {
  const { nodeConfig, startupConfigPath } = publication;
  const helmHome = join(paths.dataDir, "helmhome");
  return {
    InvocationID: invocationId,
    AdminKubeConfigPath: paths.adminKubeconfig,
    BinDir: paths.binDir,
    CertRootDir: paths.pkiDir,
    DataDir: paths.dataDir,
    KubeletRootDir: paths.kubeletRootDir,
    EtcdCertDir: paths.etcdPkiDir,
    EtcdDataDir: paths.etcdDataDir,
    KineSocketPath: paths.kineSocket,
    KonnectivitySocketDir: paths.konnectivitySocketDir,
    KubeletAuthConfigPath: paths.kubeletKubeconfig,
    ManifestsDir: paths.manifestsDir,
    RunDir: paths.runDir,
    KonnectivityKubeConfigPath: paths.konnectivityKubeconfig,
    OCIBundleDir: paths.imagesDir,
    DefaultStorageType: nodeConfig?.spec.storage.type ?? "",
    RuntimeConfigPath: paths.runtimeConfig,
    StatusSocketPath: paths.statusSocket,
    StartupConfigPath: startupConfigPath ?? "",
    HelmHome: helmHome,
    HelmRepositoryCache: join(helmHome, "cache"),
    HelmRepositoryConfig: join(helmHome, "repositories.yaml"),
  };
}
