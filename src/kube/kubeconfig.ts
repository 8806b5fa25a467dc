// Reads the kubeconfig files that nodes hold: server, CA and one identity. Exec plug-ins and proxies are not for us.

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../std/errors.ts";
import { parseYaml } from "../std/yaml.ts";
import { kubeClientOn } from "./client.ts";
import type { KubeClient } from "./client.ts";
import { createTransport } from "./transport.ts";
import type { Credentials, TransportOptions } from "./transport.ts";

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
    z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
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

export interface ConnectionDetails extends Credentials {
  readonly server: string;
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
  if (cluster === undefined || user === undefined)
    throw new UserError(`${source}: its current context names no cluster or user in it`);
  const read = readerOnce(dirname(source));
  return {
    server: cluster.server,
    ca: await dataOrFile(cluster["certificate-authority-data"], cluster["certificate-authority"], read),
    cert: await dataOrFile(user["client-certificate-data"], user["client-certificate"], read),
    key: await dataOrFile(user["client-key-data"], user["client-key"], read),
    token: user.token ?? (await dataOrFile(undefined, user.tokenFile, read))?.trim(),
    serverName: cluster["tls-server-name"],
    insecure: cluster["insecure-skip-tls-verify"],
  };
}

/** How long credentials read from files are used before the files are read again: kubelet replaces its certificate in place. */
const credentialsLifetimeMs = 60_000;

/** The credentials of a kubeconfig, read again now and then. */
export function kubeconfigCredentials(
  path: string,
  now: () => number = () => performance.now(),
): () => Promise<Credentials> {
  let current: { readonly details: Promise<ConnectionDetails>; readonly readAt: number } | undefined;
  return async () => {
    if (current !== undefined && now() - current.readAt < credentialsLifetimeMs) return await current.details;
    // Requests that come meanwhile wait for the same reading.
    const reading = { details: readKubeconfig(path), readAt: now() };
    current = reading;
    try {
      return await reading.details;
    } catch (err) {
      if (current === reading) current = undefined;
      throw err;
    }
  };
}

/** A client that follows the kubeconfig: renewed certificates and tokens are picked up within a minute. */
export async function kubeClientFromKubeconfig(
  path: string,
  options: { readonly userAgent?: string; readonly connect?: TransportOptions["connect"] } = {},
): Promise<KubeClient> {
  const { server } = await readKubeconfig(path);
  const credentials = kubeconfigCredentials(path);
  return kubeClientOn(createTransport({ ...options, server, credentials }));
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
