// spec.storage: etcd or kine. Both sections are always filled; `type` says which one is in use.
// Upstream: pkg/apis/k0s/v1beta1/storage.go.

import * as z from "zod";
import { caSchema } from "./api.ts";
import { extraArgs, filledText, ipAddress, rawArgs, section } from "./fields.ts";
import type { NodeDefaults } from "./node-defaults.ts";

const externalClusterSchema = () =>
  z.strictObject({
    endpoints: z.array(filledText()).min(1).describe("URLs of the external etcd cluster."),
    etcdPrefix: filledText().describe("Prefix of every key that this cluster writes."),
    caFile: z.string().optional().describe("Authority that signed the servers' certificates."),
    clientCertFile: z.string().optional().describe("Certificate to show to the servers, with its key."),
    clientKeyFile: z.string().optional().describe("Key of that certificate."),
  });

/** The complaint does not repeat the text: it may hold a password. */
const dataSource = () =>
  z.string().refine((text) => /^[^:/]+:\/\/./.test(text), { error: () => "is not <backend>://<address>" });

/** SQLite in the data directory, as `--single` uses it. */
function sqliteDataSource(dataDir: string): string {
  return `sqlite://file:${dataDir}/db/state.db?mode=rwc&_journal=WAL`;
}

export const storageSchema = (defaults: NodeDefaults) =>
  section({
    type: z
      .enum(["etcd", "kine"])
      .default(defaults.single ? "kine" : "etcd")
      .describe("With --single the default is kine."),
    etcd: section({
      peerAddress: ipAddress()
        .default(defaults.publicAddress)
        .describe("Address that other members reach this one at."),
      extraArgs: extraArgs(),
      rawArgs: rawArgs(),
      ca: caSchema(),
      externalCluster: externalClusterSchema().optional(),
    }),
    kine: section({
      dataSource: dataSource()
        .default(sqliteDataSource(defaults.dataDir))
        .describe("SQLite, PostgreSQL or MySQL: docs/datastores.md."),
      extraArgs: extraArgs(),
      rawArgs: rawArgs(),
    }),
  });
