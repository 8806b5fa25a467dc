// Kubeconfig files with embedded credentials; upstream: pkg/kubernetes (kubeconfig), reference §5.1.

import { z } from "zod";
import { dumpYaml, parseYaml } from "../std/yaml.ts";

/** A further way to the same cluster: the name of cluster and context. */
export interface ControllerContext {
  readonly name: string;
  readonly server: string;
}

export interface KubeconfigInput {
  /** e.g. `https://localhost:6443` */
  readonly server: string;
  /** PEM of the CA that signed the server's certificate. */
  readonly ca: string;
  /** PEM; with `key` the client authenticates by certificate. */
  readonly cert?: string;
  readonly key?: string;
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
  readonly extensions?: readonly { readonly extension: unknown; readonly name: string }[];
}

/** The YAML text; field order is the one of client-go. */
export function kubeconfigYaml(input: KubeconfigInput): string {
  const cluster = input.cluster ?? "local";
  const user = input.user ?? "user";
  const context = input.context ?? "Default";
  const others = input.others ?? [];
  const ca = base64(input.ca);
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

const withClusters = z.object({
  clusters: z.array(z.object({ name: z.string(), cluster: z.object({ server: z.string() }) })),
});

/** The `others` of a text that `kubeconfigYaml` has made; none of a text that is something else. */
export function furtherContexts(text: string): ControllerContext[] {
  const { success, data } = withClusters.safeParse(parsed(text));
  return success ? data.clusters.slice(1).map(({ name, cluster }) => ({ name, server: cluster.server })) : [];
}

function parsed(text: string): unknown {
  try {
    return parseYaml(text);
  } catch {
    // Damaged: it is written anew.
    return undefined;
  }
}

function credentials({ cert, key, token }: KubeconfigInput): Record<string, string> {
  if (token !== undefined) return { token };
  if (cert === undefined || key === undefined)
    throw new Error("a kubeconfig needs a token, or a certificate and its key");
  return { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
