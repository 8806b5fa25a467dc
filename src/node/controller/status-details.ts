// Facts about a controller that `k0s status` shows to people: its datastore and when its certificates end.

import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { parseDataSource } from "../../config/data-source.ts";
import { externalEtcdOf } from "../../config/derived.ts";
import type { NodePaths } from "../../product/paths.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { parseCertificate } from "../../pki/observe.ts";
import { freshShare } from "../../pki/plan.ts";
import { formatBytes } from "../../std/bytes.ts";
import { certificatesOf } from "../../components/certificates/component.ts";
import type { ControllerNode } from "../../components/node-facts.ts";

/** What is unknown, because it is not there yet or does not answer, is left out. */
export async function statusDetails(node: ControllerNode): Promise<Record<string, string>> {
  const { config, paths, log } = node;
  const all = {
    Datastore: datastoreText(config, paths),
    Expires: expiryText(certificatesOf(node), new Date()),
  };
  const details: Record<string, string> = {};
  for (const [name, text] of Object.entries(all)) {
    try {
      const known = await text;
      if (known !== undefined) details[name] = known;
    } catch (err) {
      log.debug("A detail of the status is not known", { detail: name, err });
    }
  }
  return details;
}

export async function datastoreText(config: ClusterConfig, paths: NodePaths): Promise<string> {
  const { storage } = config.spec;
  const external = externalEtcdOf(config);
  if (external !== undefined) return `external etcd, ${external.endpoints.join(", ")}`;
  if (storage.type === "etcd")
    return `etcd, ${formatBytes(await sizeOf(join(paths.etcdDataDir, "member/snap/db")))}`;
  const { dataSource } = storage.kine;
  const file = sqliteFile(dataSource, paths.dataDir);
  if (file !== undefined)
    return `kine / SQLite, ${formatBytes((await sizeOf(file)) + (await sizeOf(`${file}-wal`)))}`;
  const { backend, server } = parseDataSource(dataSource);
  return server === undefined
    ? `kine / ${backend}`
    : `kine / ${server.product} at ${server.host}:${server.port}`;
}

/** Of these files the certificate that ends first; authorities are not renewed and count as well when they end even before. */
export async function expiryText(files: readonly string[], now: Date): Promise<string | undefined> {
  const found = await Promise.all(files.map((file) => certificateAt(file)));
  const [first] = found.flat().sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
  if (first === undefined) return undefined;
  const days = Math.floor((first.notAfter.getTime() - now.getTime()) / 86_400_000);
  if (days < 0) return `${first.path} ended on ${first.notAfter.toISOString().slice(0, 10)}`;
  const hours = Math.floor((first.notAfter.getTime() - now.getTime()) / 3_600_000);
  const left = days > 0 ? `${days} d` : `${hours} h`;
  if (first.isAuthority) return `authority ${first.path} in ${left} (not renewed by k0s)`;
  return `certificates in ${left} (renewed by k0s at ${freshShare * 100} % of their life left)`;
}

interface FoundCertificate {
  readonly path: string;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
}

async function certificateAt(path: string): Promise<FoundCertificate[]> {
  const pem = await readFileIfExists(path);
  return pem === undefined ? [] : [{ path, ...parseCertificate(pem) }];
}

async function sizeOf(path: string): Promise<number> {
  return (await statIfExists(path))?.size ?? 0;
}
