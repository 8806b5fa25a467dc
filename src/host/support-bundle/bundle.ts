// All that helps somebody else to see what is wrong with a node, as one archive that shows no secrets. Works on a node that
// does not run: each part takes what is there.

import { defaultConfigPath } from "../../config/load.ts";
import type { KubeClient } from "../../kube/client.ts";
import { processArguments } from "../../os/processes.ts";
import { readRegularFile } from "../../os/regular-file.ts";
import type { NodePaths } from "../../product/paths.ts";
import { k0sVersion } from "../../product/versions.ts";
import { runningK0s } from "../../status/owner.ts";
import { errorMessage } from "../../std/errors.ts";
import { serviceNames } from "../service/definition.ts";
import { openRc } from "../service/openrc.ts";
import { runit } from "../service/runit.ts";
import { systemd } from "../service/systemd.ts";
import { s6 } from "../service/s6.ts";
import { bundleArchive } from "./archive.ts";
import { type Attempts, attempts } from "./attempts.ts";
import { clusterSecrets, type Secret } from "./cluster-secrets.ts";
import { clusterPart } from "./cluster-part.ts";
import { type Collected, type Collector, collectAll, jsonFile } from "./collect.ts";
import { certificatesPart, configurationPart, containerdConfiguration } from "./configuration-part.ts";
import { disksPart, hostPart } from "./host-part.ts";
import { knownSecrets } from "./known-secrets.ts";
import { logsPart } from "./logs-part.ts";
import { networkPart } from "./network-part.ts";
import { processesPart, statusPart, versionsPart } from "./node-parts.ts";
import { redactor } from "./redact.ts";

export interface BundleOptions {
  readonly paths: NodePaths;
  /** The k0s file. */
  readonly program: string;
  /** Where the log begins, in milliseconds. */
  readonly since: number;
  /** Of the directory in the archive. */
  readonly name: string;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** For each part; default a minute. */
  readonly timeoutMs?: number;
  /** Of the cluster's administrator; undefined where there are no credentials. */
  readonly client: () => Promise<KubeClient | undefined>;
  /** Besides those that every bundle has. */
  readonly further?: readonly Collector[];
}

export interface Bundle extends Pick<Collected, "missing"> {
  /** Secrets that could not be looked for, and why. */
  readonly warnings: readonly string[];
  /** A tar archive, compressed by gzip. */
  readonly archive: Uint8Array;
}

/** In bytes, before compression, which takes nine tenths of it. */
const secretsTimeoutMs = 30_000;
const limits = { file: 8 << 20, whole: 96 << 20 };

export async function supportBundle(options: BundleOptions): Promise<Bundle> {
  const { paths, now, name, signal, since, program, client, timeoutMs = 60_000, further = [] } = options;
  const k0s = await runningK0s(paths);
  const reading = attempts(signal, secretsTimeoutMs);
  const services = await serviceDefinitions(reading);
  const commandLine = k0s === undefined ? [] : await processArguments(k0s.pid);
  const configuration = await Promise.all(
    [defaultConfigPath, paths.runtimeConfig, containerdConfiguration].map((path) =>
      reading.at(path, readRegularFile),
    ),
  );
  const texts = [...services.values(), ...commandLine, ...configuration.map((text) => text ?? "")];
  const ofCluster = await secretsOfCluster(client, signal, Math.min(secretsTimeoutMs, timeoutMs));
  const secrets = [
    ...(await knownSecrets({
      paths,
      k0s,
      texts,
      tokenFiles: tokenFilesIn([...services.values(), ...commandLine]),
      attempts: reading,
    })),
    ...ofCluster.secrets,
  ];
  const { files, missing } = await collectAll(
    [
      versionsPart(),
      statusPart(paths),
      ...further,
      processesPart(paths, k0s?.pid),
      hostPart(),
      disksPart(),
      configurationPart(paths, services),
      certificatesPart(paths),
      networkPart(paths),
      clusterPart(client),
      logsPart(paths, { since, limit: limits.file, program, forMs: timeoutMs / 2 }),
    ],
    { timeoutMs, signal },
  );
  const about = {
    made: now.toISOString(),
    k0s: k0sVersion,
    runs: k0s !== undefined,
    logSince: new Date(since).toISOString(),
    secretsOfCluster: ofCluster.outcome,
    /** What may hold some that nobody could look for. */
    secretsNotRead: reading.failed,
  };
  const redact = await redactor(secrets, signal);
  const archive = await bundleArchive([jsonFile("about.json", { ...about, missing }), ...files], {
    directory: name,
    redact,
    now,
    limits,
    signal,
  });
  const said = missing.map(async ({ part, why }) => ({ part, why: await redact(why, signal) }));
  const warnings = ofCluster.warning === undefined ? [] : [await redact(ofCluster.warning, signal)];
  return { archive, missing: await Promise.all(said), warnings };
}

interface OfCluster {
  readonly secrets: readonly Secret[];
  /** In `about.json`. */
  readonly outcome: string;
  /** For the terminal; undefined if all were read, or if this host has none to ask with. */
  readonly warning: string | undefined;
}

/** What came in time counts. What nobody could read is found by its looks alone; the bundle and the terminal say so. */
async function secretsOfCluster(
  client: BundleOptions["client"],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<OfCluster> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const secrets: Secret[] = [];
  let missing: readonly string[];
  try {
    const api = await client();
    if (api === undefined) return { secrets, outcome: "not known here", warning: undefined };
    missing = await clusterSecrets(api, (some) => void secrets.push(...some), limit);
  } catch (err) {
    missing = [errorMessage(err)];
  }
  signal.throwIfAborted();
  if (missing.length === 0) return { secrets, outcome: "removed", warning: undefined };
  const outcome = `incomplete: ${missing.join("; ")}`;
  return {
    secrets,
    outcome,
    warning: `Secrets of the cluster could not all be looked for: ${missing.join("; ")}`,
  };
}

/** By their paths. */
async function serviceDefinitions(reading: Attempts): Promise<ReadonlyMap<string, string>> {
  const managers = [systemd, openRc, runit(""), s6("")];
  const places = managers.flatMap((manager) => serviceNames.map((name) => manager.definitionPath(name)));
  const texts = await Promise.all(
    places.map(async (path) => [path, await reading.at(path, readRegularFile)] as const),
  );
  return new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** From command lines, whole or word by word; quoted as definitions do it. */
export function tokenFilesIn(texts: readonly string[]): readonly string[] {
  return texts.join("\n").match(/(?<=--token-file[=\s]+["']?)\/[^\s"']+/g) ?? [];
}
