// Where the cluster's objects are kept, as components: our etcd, kine with or without a database server, or somebody
// else's etcd. Upstream: cmd/controller/controller.go.

import { externalEtcdOf } from "../../config/derived.ts";
import { withoutPassword } from "../../config/data-source.ts";
import { databaseServer } from "../../components/kine/database-server.ts";
import { etcd, type EtcdOptions } from "../../components/etcd/component.ts";
import { etcdPeerUrls } from "../../components/etcd/flags.ts";
import { etcdPeerAddress } from "../../components/etcd/members/peer-address.ts";
import {
  assertOwnDatastore,
  datastoreIdentity,
  type DatastoreIdentityOptions,
} from "../../components/kine/datastore-identity.ts";
import { externalEtcd, externalEtcdValue } from "../../components/etcd/external.ts";
import { kine } from "../../components/kine/component.ts";
import type { ProcessContext } from "../../components/process-context.ts";
import { localEndpoint, localEtcdClient, localEtcdTls } from "../../components/etcd/client.ts";
import { etcdValue } from "../../components/etcd/value.ts";
import { etcdMaintenance } from "../../components/etcd/maintenance/component.ts";
import type { TurnOptions } from "../../components/etcd/maintenance/turn.ts";
import { lastFlagValue } from "../../std/flags.ts";
import type { Component } from "../../supervisor/component.ts";

export interface Datastore {
  /** What kube-apiserver waits for: the datastore answers and is that of this cluster. */
  readonly name: string;
  readonly components: readonly Component[];
}

interface DatastoreAccess extends Pick<DatastoreIdentityOptions, "what" | "read"> {
  readonly after: Component;
  readonly prefix?: string;
}

/** `dependsOn`: what our own processes need before they can start. */
export function datastoreOf(
  context: ProcessContext,
  options: {
    readonly etcd: EtcdOptions;
    /** Absent where etcd can have one member only. */
    readonly turns: TurnOptions | undefined;
    readonly dependsOn: readonly string[];
  },
): Datastore {
  const { dependsOn } = options;
  const { config, paths, log } = context;
  const { kine: kineSpec, type } = config.spec.storage;
  const { extraArgs, rawArgs } = config.spec.api;
  const prefix = lastFlagValue(rawArgs, "etcd-prefix") ?? extraArgs["etcd-prefix"] ?? "/registry";
  const identity = (of: DatastoreAccess): Component =>
    datastoreIdentity({ prefix, ...of, dataDir: paths.dataDir, log, dependsOn: [of.after.name] });
  if (type === "kine") {
    const server = databaseServer(kineSpec.dataSource, log);
    const what = withoutPassword(kineSpec.dataSource);
    const at = (endpoint: string): Pick<DatastoreAccess, "what" | "read"> => ({
      what,
      read: (key, signal) => etcdValue({ endpoint }, key, signal),
    });
    const process = {
      ...kine(context, {
        assertOwn: (endpoint, signal) =>
          assertOwnDatastore({ dataDir: paths.dataDir, prefix, ...at(endpoint) }, signal),
      }),
      dependsOn: server === undefined ? dependsOn : [...dependsOn, server.name],
    };
    const known = identity({ after: process, ...at(`unix:${paths.kineSocket}`) });
    const components = [...(server === undefined ? [] : [server]), process, known];
    return { name: known.name, components };
  }
  const external = externalEtcdOf(config);
  if (external !== undefined) {
    const service = externalEtcd(context, external);
    const known = identity({
      after: service,
      what: `etcd at ${external.endpoints.join(", ")} (${external.etcdPrefix})`,
      read: (key, signal) => externalEtcdValue(external, key, signal),
      prefix: external.etcdPrefix,
    });
    return { name: known.name, components: [service, known] };
  }
  const member = { ...etcd(context, options.etcd), dependsOn };
  const client = localEtcdClient(paths);
  const known = identity({
    after: member,
    what: `etcd's data in ${paths.etcdDataDir}`,
    read: async (key, signal) =>
      etcdValue({ endpoint: localEndpoint, tls: await localEtcdTls(paths) }, key, signal),
  });
  const address = etcdPeerAddress({ client, peerUrls: etcdPeerUrls(config), log });
  const upkeep = etcdMaintenance({ client, turns: options.turns, runDir: paths.runDir, log });
  return { name: known.name, components: [member, known, address, upkeep] };
}
