// Whether the place where the cluster's objects are kept is there and answers: etcd, or kine's database.

import { open } from "node:fs/promises";
import { join } from "node:path";
import { type EtcdClient, localEtcdClient } from "../../../components/etcd/client.ts";
import { etcdDeclaration } from "../../../components/etcd/declaration.ts";
import { etcdListenUrl, etcdPeerUrls } from "../../../components/etcd/flags.ts";
import { awayRemedy, damageRemedy } from "../../../components/etcd/members/remedy.ts";
import { membersAway } from "../../../components/etcd/quorum-trouble.ts";
import type { EtcdMember } from "../../../components/etcd/replies.ts";
import { kineDeclaration } from "../../../components/kine/declaration.ts";
import { sqliteFile } from "../../../components/kine/flags.ts";
import type { ClusterConfig } from "../../../config/cluster-config.ts";
import { parseDataSource } from "../../../config/data-source.ts";
import { externalEtcdOf, isEtcdManaged } from "../../../config/derived.ts";
import { greetsHttp2 } from "../../../os/http2-greeting.ts";
import { namesIn } from "../../../os/names-in.ts";
import { unreadableBecause } from "../../../os/readable-file.ts";
import { statIfExists } from "../../../os/files.ts";
import { unreachableBecause } from "../../../os/tcp-reachable.ts";
import { lookupUser, type UserId } from "../../../os/users.ts";
import { formatBytes } from "../../../std/bytes.ts";
import { describeFailure } from "../../../std/connection-failure.ts";
import { joinHostPort } from "../../../std/ip.ts";
import { reachOf, reachOfK0s } from "../component-reach.ts";
import type { ExaminedNode } from "../examined-node.ts";
import type { Finding, Verdict } from "../finding.ts";
import { verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";

/** One thing that is wrong with it. */
export interface DatastoreTrouble {
  readonly what: string;
  readonly evidence: readonly string[];
  readonly remedy: string;
  /**
   * `files`: of files on this host, which keep the datastore from starting. `answers`: it serves nobody. `partly`: it works, with less
   * than it should have.
   */
  readonly kind: "files" | "answers" | "partly";
}

export interface DatastoreFacts {
  /** Undefined where this node has none. */
  readonly component: "etcd" | "kine" | "external-etcd" | undefined;
  readonly troubles: readonly DatastoreTrouble[];
}

export const datastoreLink = link<DatastoreFacts>({
  name: "datastore",
  look: lookAtDatastore,
  judge: judgeDatastore,
});

const limitMs = 3_000;

async function lookAtDatastore({ node, signal }: Examination): Promise<DatastoreFacts> {
  const { config, k0s } = node;
  if (config === undefined) return { component: undefined, troubles: [] };
  const runs = k0s.state !== "gone";
  const external = externalEtcdOf(config);
  if (external !== undefined)
    return {
      component: "external-etcd",
      troubles: await serversAway(external.endpoints.map(addressOf), signal),
    };
  if (isEtcdManaged(config)) {
    const files = await etcdFiles(node);
    const running = files.length > 0 || !runs ? [] : await etcdTroubles(node, config, signal);
    return { component: "etcd", troubles: [...files, ...running] };
  }
  return { component: "kine", troubles: await kineTroubles(node, config, signal) };
}

async function etcdFiles({ paths: { etcdDataDir, pkiDir } }: ExaminedNode): Promise<DatastoreTrouble[]> {
  // Before its first start it has none.
  if ((await statIfExists(join(pkiDir, "admin.conf"))) === undefined) return [];
  const wal = join(etcdDataDir, "member", "wal");
  if ((await statIfExists(wal)) !== undefined && (await namesIn(wal)).length > 0) return [];
  return [
    {
      what: `the data of etcd are gone: there is no log in ${wal}`,
      evidence: [
        `${etcdDataDir} ${(await statIfExists(etcdDataDir)) === undefined ? "does not exist" : "has no member/wal"}`,
      ],
      remedy:
        "put the directory back, or take this member out of its cluster and let the controller join again",
      kind: "files",
    },
  ];
}

async function etcdTroubles(
  node: ExaminedNode,
  config: ClusterConfig,
  signal: AbortSignal,
): Promise<DatastoreTrouble[]> {
  const closed = await closedCertificate(node.paths, lookupUser(etcdDeclaration.user));
  if (closed !== undefined) return [closed];
  const client = localEtcdClient(node.paths);
  const call = { signal, timeoutMs: limitMs };
  const members = await quorumTroubles(node, config);
  if (members.length > 0) return members;
  try {
    const [status, alarms] = await Promise.all([client.status(call), client.alarms(call)]);
    const damaged = alarms.some(({ alarm }) => alarm !== "NOSPACE");
    return alarmTroubles(status, alarms, damaged ? await membersIfTold(client, call) : []);
  } catch (err) {
    signal.throwIfAborted();
    return [notAnswering("etcd", "https://127.0.0.1:2379", describeFailure(err, { within: "3s" }))];
  }
}

/** It reads its certificate at each handshake; who asks it would only see that it does not speak TLS. */
export async function closedCertificate(
  { etcdPkiDir }: Pick<ExaminedNode["paths"], "etcdPkiDir">,
  user: UserId | undefined,
): Promise<DatastoreTrouble | undefined> {
  const path = join(etcdPkiDir, "server.crt");
  // One that is gone is the business of the link of certificates.
  if (user === undefined || (await statIfExists(path)) === undefined) return undefined;
  const why = await unreadableBecause(path, user);
  if (why === undefined) return undefined;
  return {
    what: "etcd cannot read its certificate",
    evidence: [why],
    remedy: `let user ${etcdDeclaration.user} read ${path}, and pass through the directories above it`,
    kind: "answers",
  };
}

/** The alarm is told also where the members are not. */
async function membersIfTold(
  client: EtcdClient,
  call: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<readonly EtcdMember[]> {
  try {
    return await client.members(call);
  } catch (err) {
    call.signal.throwIfAborted();
    if (err instanceof Error) return [];
    throw err;
  }
}

export function alarmTroubles(
  { dbSize, dbSizeQuota }: Pick<Awaited<ReturnType<EtcdClient["status"]>>, "dbSize" | "dbSizeQuota">,
  alarms: readonly { readonly memberId: string; readonly alarm: string }[],
  members: readonly EtcdMember[],
): DatastoreTrouble[] {
  return alarms.map(({ memberId, alarm }) => ({
    what:
      alarm === "NOSPACE"
        ? "etcd takes no more writes: its database has reached its quota (alarm NOSPACE)"
        : `etcd has raised the alarm ${alarm}`,
    evidence: [
      `member ${memberId}: ${alarm}; its database has ${formatBytes(dbSize)}${dbSizeQuota === undefined ? "" : ` of ${formatBytes(dbSizeQuota)}`}`,
    ],
    remedy:
      alarm === "NOSPACE"
        ? "delete objects that nobody needs: k0s defragments, and disarms the alarm once there is room; `k0s etcd status` shows it"
        : damageRemedy(memberId, members),
    kind: "answers",
  }));
}

/** It serves no client before it has agreed with the others, so that these are asked first. */
async function quorumTroubles({ paths }: ExaminedNode, config: ClusterConfig): Promise<DatastoreTrouble[]> {
  try {
    const { away, addresses, quorumIsLost } = await membersAway({
      listenUrl: etcdListenUrl(config),
      etcdPkiDir: paths.etcdPkiDir,
      peerUrls: etcdPeerUrls(config),
    });
    if (away.length === 0) return [];
    return [
      {
        what: quorumIsLost
          ? `etcd has no quorum: ${away.length} of its members do not answer`
          : `${away.length === 1 ? "a member" : `${away.length} members`} of etcd ${away.length === 1 ? "does" : "do"} not answer`,
        evidence: away,
        remedy: awayRemedy(addresses, quorumIsLost),
        kind: quorumIsLost ? "answers" : "partly",
      },
    ];
  } catch (err) {
    // It does not run, or hangs: asking it as a client says that.
    if (err instanceof Error) return [];
    throw err;
  }
}

function notAnswering(component: string, where: string, why: string): DatastoreTrouble {
  return {
    what: `${component} does not answer`,
    evidence: [`${where}: ${why}`],
    remedy: `look at \`k0s logs ${component}\`, and at the load and the disk of this host`,
    kind: "answers",
  };
}

async function kineTroubles(
  { paths, k0s }: ExaminedNode,
  config: ClusterConfig,
  signal: AbortSignal,
): Promise<DatastoreTrouble[]> {
  const { dataSource } = config.spec.storage.kine;
  const file = sqliteFile(dataSource, paths.dataDir);
  const server = parseDataSource(dataSource).server;
  const ofFiles = file === undefined ? [] : await databaseTroubles(file, paths.adminKubeconfig);
  const away = server === undefined ? [] : await serversAway([server], signal);
  if (ofFiles.length > 0 || away.length > 0 || k0s.state === "gone") return [...ofFiles, ...away];
  return (await greets(paths.kineSocket, signal))
    ? []
    : [notAnswering("kine", paths.kineSocket, "no greeting of HTTP/2 within 3s")];
}

async function greets(socket: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await greetsHttp2(socket, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]));
  } catch (err) {
    signal.throwIfAborted();
    if (err instanceof Error) return false;
    throw err;
  }
}

async function databaseTroubles(file: string, adminKubeconfig: string): Promise<DatastoreTrouble[]> {
  const trouble = (what: string, evidence: string, remedy: string): DatastoreTrouble[] => [
    { what, evidence: [evidence], remedy, kind: "files" },
  ];
  const found = await statIfExists(file);
  if (found === undefined) {
    if ((await statIfExists(adminKubeconfig)) === undefined) return [];
    return trouble(
      `the database ${file} is gone`,
      `there is no ${file}`,
      "put the database back from a backup",
    );
  }
  const user = lookupUser(kineDeclaration.user);
  const why = user === undefined ? undefined : await unreadableBecause(file, { uid: user.uid, gid: 0 });
  if (why !== undefined)
    return trouble(
      `the database ${file} is closed to kine`,
      `${why}; it belongs to user ${found.uid}, mode ${(found.mode & 0o777).toString(8)}`,
      `give it back: chown ${kineDeclaration.user} ${file}*`,
    );
  const head = await headOf(file);
  if (head === "" || head.startsWith("SQLite format 3\0")) return [];
  return trouble(
    `${file} is not a database of SQLite`,
    "it does not begin with the words SQLite format 3",
    "put the database back from a backup",
  );
}

async function headOf(file: string): Promise<string> {
  await using handle = await open(file, "r");
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
  return buffer.subarray(0, bytesRead).toString("latin1");
}

function addressOf(endpoint: string): { host: string; port: number } {
  const { hostname, port } = new URL(endpoint);
  return { host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port || "2379") };
}

async function serversAway(
  servers: readonly { readonly host: string; readonly port: number }[],
  signal: AbortSignal,
): Promise<DatastoreTrouble[]> {
  const found = await Promise.all(
    servers.map(async ({ host, port }): Promise<DatastoreTrouble[]> => {
      const why = await unreachableBecause({ host, port }, { timeoutMs: limitMs, signal });
      const where = joinHostPort(host, port);
      if (why === undefined) return [];
      return [
        {
          what: `the database server ${where} cannot be reached`,
          evidence: [`TCP ${where}: ${why}`],
          remedy: `is it running, and is TCP port ${port} open between here and there?`,
          kind: "answers",
        },
      ];
    }),
  );
  return found.flat();
}

export function judgeDatastore(
  { component, troubles }: DatastoreFacts,
  { k0s, role }: ExaminedNode,
): Verdict {
  if (component === undefined)
    return role === "controller"
      ? { state: "unseen", why: "k0s cannot start with its configuration" }
      : { state: "absent", why: "a worker has none" };
  return verdictOf(
    troubles.map(({ kind, ...trouble }): Finding => {
      const atStart = kind === "files" ? [{ link: "processes", about: component } as const] : [];
      const dead = k0s.state === "gone" && kind === "files" ? reachOfK0s : [];
      const reach = reachOf(component).filter(({ link: name }) => name !== "datastore");
      return {
        link: "datastore",
        about: kind === "answers" ? "answers" : component,
        ...trouble,
        effect:
          kind === "partly"
            ? "the cluster works on, and survives less"
            : "the API server cannot read or write any object",
        explains:
          kind === "partly" ? [] : [...atStart, ...dead, { link: "datastore", about: "answers" }, ...reach],
      };
    }),
  );
}
