// The kubeconfig files that nodes hold: server, CA and one identity, read and written. Exec plug-ins and proxies are
// not supported.
// Upstream: k8s.io/client-go/tools/clientcmd/api/v1.

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as z from "zod";
import { UserError } from "../std/errors.ts";
import { dumpYaml, parseYaml } from "../std/yaml.ts";
import type { Credentials } from "./transport.ts";
import { parseTrust, type TrustBundle } from "../std/trust-bundle.ts";

const Kubeconfig = z.object({
  "current-context": z.string().optional(),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.string(),
        "certificate-authority": z.string().optional(),
        "certificate-authority-data": z.string().optional(),
        "tls-server-name": z.string().optional(),
        "insecure-skip-tls-verify": z.boolean().optional(),
      }),
    }),
  ),
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.object({
        cluster: z.string(),
        user: z.string(),
        // Unknown content of others is not an error.
        extensions: z.array(z.object({ name: z.string(), extension: z.unknown() })).catch([]),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        "client-certificate": z.string().optional(),
        "client-certificate-data": z.string().optional(),
        "client-key": z.string().optional(),
        "client-key-data": z.string().optional(),
        token: z.string().optional(),
        tokenFile: z.string().optional(),
      }),
    }),
  ),
});

/** A fact about a context, for programs that know it by name; others pass it over. */
interface Extension {
  readonly name: string;
  readonly extension: unknown;
}

export interface ConnectionDetails extends Credentials {
  readonly server: string;
  /** The name that the file gives to the identity. */
  readonly user: string;
  readonly extensions: readonly Extension[];
}

/** The connection of the current context; files named in it are read relative to `path`. */
export async function readKubeconfig(path: string): Promise<ConnectionDetails> {
  return await parseKubeconfig(await readFile(path, "utf8"), path);
}

/** Like readKubeconfig, for text; `source` names it in errors and is the base of relative paths. */
export async function parseKubeconfig(text: string, source: string): Promise<ConnectionDetails> {
  const parsed = Kubeconfig.safeParse(parseYaml(text, { source }));
  if (!parsed.success) throw new UserError(`${source} is not a kubeconfig: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  const wanted = config["current-context"];
  const context = (
    wanted === undefined || wanted === ""
      ? config.contexts[0]
      : config.contexts.find((c) => c.name === wanted)
  )?.context;
  const cluster = config.clusters.find((c) => c.name === context?.cluster)?.cluster;
  const user = config.users.find((u) => u.name === context?.user)?.user;
  if (context === undefined || cluster === undefined || user === undefined)
    throw new UserError(`${source}: its current context names no cluster or user in it`);
  const read = readerOnce(dirname(source));
  const ca = await dataOrFile(cluster["certificate-authority-data"], cluster["certificate-authority"], read);
  return {
    server: cluster.server,
    user: context.user,
    extensions: context.extensions,
    ca: ca === undefined ? undefined : parseTrust(ca, `the CA of ${source}`),
    cert: await dataOrFile(user["client-certificate-data"], user["client-certificate"], read),
    key: await dataOrFile(user["client-key-data"], user["client-key"], read),
    token: user.token ?? (await dataOrFile(undefined, user.tokenFile, read))?.trim(),
    serverName: cluster["tls-server-name"],
    insecure: cluster["insecure-skip-tls-verify"],
  };
}

type ReadFile = (file: string) => Promise<string>;

/** Reads each file once: kubelet keeps certificate and key in one, and may replace it between two readings. */
function readerOnce(base: string): ReadFile {
  const texts = new Map<string, Promise<string>>();
  return (file) => {
    const path = resolve(base, file);
    const text = texts.get(path) ?? readFile(path, "utf8");
    texts.set(path, text);
    return text;
  };
}

async function dataOrFile(
  data: string | undefined,
  file: string | undefined,
  read: ReadFile,
): Promise<string | undefined> {
  if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString("utf8");
  if (file === undefined || file === "") return undefined;
  return await read(file);
}

/** A further way to the same cluster: the name of cluster and context. */
export interface ControllerContext {
  readonly name: string;
  readonly server: string;
}

export interface KubeconfigInput {
  /** e.g. `https://localhost:6443` */
  readonly server: string;
  /** One of them signed the server's certificate. */
  readonly ca: TrustBundle;
  /** PEM; with `key` the client authenticates by certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** Path of a file that has both, and may be replaced. */
  readonly certificateFile?: string;
  /** A bearer token instead of a certificate. */
  readonly token?: string;
  /** Default `local`. */
  readonly cluster?: string;
  /** Default `user`. */
  readonly user?: string;
  /** Default `Default`. */
  readonly context?: string;
  readonly namespace?: string;
  /** More ways to the same cluster, each as a context of its own. */
  readonly others?: readonly ControllerContext[];
  /** Further facts about the context, for programs that know them by name. */
  readonly extensions?: readonly Extension[];
}

/** The YAML text; field order is the one of client-go. */
export function kubeconfigYaml(input: KubeconfigInput): string {
  const cluster = input.cluster ?? "local";
  const user = input.user ?? "user";
  const context = input.context ?? "Default";
  const others = input.others ?? [];
  const ca = base64(input.ca.pem);
  return dumpYaml({
    apiVersion: "v1",
    clusters: [{ name: cluster, server: input.server }, ...others].map(({ name, server }) => ({
      cluster: { "certificate-authority-data": ca, server },
      name,
    })),
    contexts: [
      {
        context: {
          cluster,
          ...(input.extensions === undefined ? {} : { extensions: input.extensions }),
          ...(input.namespace === undefined ? {} : { namespace: input.namespace }),
          user,
        },
        name: context,
      },
      ...others.map(({ name }) => ({ context: { cluster: name, user }, name })),
    ],
    "current-context": context,
    kind: "Config",
    preferences: {},
    users: [{ name: user, user: credentials(input) }],
  });
}

/** The `others` of a text that `kubeconfigYaml` has made; none of a text that is something else. */
export function furtherContexts(text: string): ControllerContext[] {
  try {
    const { clusters } = Kubeconfig.parse(parseYaml(text));
    return clusters.slice(1).map(({ name, cluster }) => ({ name, server: cluster.server }));
  } catch {
    // Damaged: it is written again.
    return [];
  }
}

function credentials({ cert, key, certificateFile, token }: KubeconfigInput): Record<string, string> {
  if (token !== undefined) return { token };
  if (certificateFile !== undefined)
    return { "client-certificate": certificateFile, "client-key": certificateFile };
  if (cert === undefined || key === undefined)
    throw new Error("a kubeconfig needs a token, or a certificate and its key");
  return { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
