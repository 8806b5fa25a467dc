// Reads one value from etcd, or from kine, which speaks etcd's API. Over gRPC, not through the JSON gateway that `client.ts` uses:
// kine has none, and etcd's refuses every client with a certificate once its authentication is on.

import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type ChannelCredentials, type ChannelOptions, credentials } from "@grpc/grpc-js";
import { KV } from "../../proto/etcd/kv_pb.js";
import { type GrpcChannel, grpcChannel } from "../../std/grpc.ts";
import { isIp, withoutBrackets } from "../../std/ip.ts";
import { type KeptConnection, keptConnection } from "../../std/kept-connection.ts";
import type { TrustBundle } from "../../std/trust-bundle.ts";

const timeoutMs = 10_000;

export interface EtcdAccess {
  /** `https://127.0.0.1:2379`, `unix:/run/k0s/kine/kine.sock:2379` */
  readonly endpoint: string;
  /** Undefined: the host's authorities and no certificate, where the endpoint is HTTPS. */
  readonly tls?: { readonly ca: TrustBundle; readonly cert: string; readonly key: string } | undefined;
}

/** Undefined when there is no such key. Throws when etcd, or its quorum, does not answer within 10 s. */
export async function etcdValue(
  access: EtcdAccess,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const channel = channelTo(access);
  try {
    return await ask(channel, key, signal);
  } finally {
    channel.close();
  }
}

/** Asks one server again and again, over one connection. */
export interface EtcdReader {
  /** As `etcdValue`. */
  read(access: EtcdAccess, key: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** Ends the connection; the next question opens another one. */
  close(): void;
}

export function etcdReader(): EtcdReader {
  let server: { readonly access: EtcdAccess; readonly connection: KeptConnection<GrpcChannel> } | undefined;
  const close = (): void => {
    server?.connection.close();
    server = undefined;
  };
  return {
    close,
    async read(access, key, signal) {
      if (server !== undefined && !isSameAccess(server.access, access)) close();
      server ??= {
        access,
        connection: keptConnection(
          () => channelTo(access),
          (channel) => channel.close(),
        ),
      };
      return await server.connection.ask((channel) => ask(channel, key, signal), signal);
    },
  };
}

async function ask(channel: GrpcChannel, key: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { kvs } = await channel.service(KV).range({ key: Buffer.from(key) }, { signal, timeoutMs });
  return kvs[0]?.value;
}

function isSameAccess(a: EtcdAccess, b: EtcdAccess): boolean {
  return (
    a.endpoint === b.endpoint &&
    a.tls?.cert === b.tls?.cert &&
    a.tls?.key === b.tls?.key &&
    a.tls?.ca.pem === b.tls?.ca.pem
  );
}

function channelTo(access: EtcdAccess): GrpcChannel {
  const { address, creds, options } = connectionTo(access);
  return grpcChannel(address, creds, options);
}

function connectionTo({ endpoint, tls }: EtcdAccess): {
  address: string;
  creds?: ChannelCredentials;
  options?: ChannelOptions;
} {
  const url = endpoint.startsWith("unix:") ? undefined : new URL(endpoint);
  if (url === undefined) return { address: endpoint };
  if (url.protocol !== "https:") return { address: url.host };
  const host = withoutBrackets(url.hostname);
  // TLS has names of servers only; where the server is an address, its certificate is compared with that.
  const verify = {
    checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(host, cert),
  };
  const [ca, key, cert] = [tls?.ca.pem, tls?.key, tls?.cert].map((pem) =>
    pem === undefined ? null : Buffer.from(pem),
  );
  return {
    address: url.host,
    creds: credentials.createSsl(ca, key, cert, verify),
    options: isIp(host) ? { "grpc.ssl_target_name_override": "etcd" } : {},
  };
}
