// A join token: base64(gzip(kubeconfig)). Upstream: pkg/token/joinencode.go, pkg/token/joindecode.go.

import { gunzipSync, gzipSync } from "node:zlib";
import { type ConnectionDetails, kubeconfigYaml, parseKubeconfig } from "../kube/kubeconfig.ts";
import { errno, errorMessage, UserError } from "../std/errors.ts";
import { type JoinRole, roleOfUser, userOfRole } from "./role.ts";
import type { TrustBundle } from "../std/trust-bundle.ts";

export interface JoinToken {
  /** The YAML text; its only context authenticates with `token`. */
  readonly kubeconfig: string;
  /** Of the API server (worker) or of the join API (controller). */
  readonly server: string;
  /** What the cluster's servers are verified with. */
  readonly ca: TrustBundle;
  /** `<id>.<secret>` */
  readonly token: string;
  readonly role: JoinRole;
  /** Undefined: never, or made by a k0s that does not write it down. */
  readonly expires: Date | undefined;
}

export type NewJoinToken = Omit<JoinToken, "kubeconfig">;

/** Kubeconfig readers pass over extensions that they do not know, so upstream reads our tokens. */
const expiryExtension = "k0s.k0sproject.io/token-expires";

export function encodeJoinToken(input: NewJoinToken): string {
  const kubeconfig = kubeconfigYaml({
    server: input.server,
    ca: input.ca,
    token: input.token,
    cluster: "k0s",
    context: "k0s",
    user: userOfRole(input.role),
    ...(input.expires === undefined
      ? {}
      : { extensions: [{ extension: { at: input.expires.toISOString() }, name: expiryExtension }] }),
  });
  return gzipSync(Buffer.from(kubeconfig), { level: 9 }).toString("base64");
}

/** Throws a UserError that says whether the text is no token at all, cut short, or damaged. */
export async function decodeJoinToken(text: string): Promise<JoinToken> {
  const kubeconfig = unpack(text.replaceAll(/\s/g, ""));
  const { server, ca, token, user, extensions } = await connection(kubeconfig);
  const role = roleOfUser(user);
  if (role === undefined) {
    throw garbage(`its user is ${JSON.stringify(user)}, neither that of a worker nor that of a controller`);
  }
  if (token === undefined || !/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token)) {
    throw garbage("the kubeconfig in it has no bootstrap token");
  }
  if (ca === undefined) throw garbage("the kubeconfig in it has no CA certificate");
  return { kubeconfig, server, ca, token, role, expires: expiryOf(extensions) };
}

const hints = {
  garbage: "Copy the whole output of `k0s token create`, which starts with H4sI, and nothing else.",
  truncated: "The end is missing: copy the whole line that `k0s token create` printed, best through a file.",
};

function unpack(text: string): string {
  const bytes = Buffer.from(text, "base64");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw garbage("it is not what `k0s token create` prints");
  }
  try {
    return gunzipSync(bytes).toString("utf8");
  } catch (err) {
    if (errno(err) === "Z_BUF_ERROR" || text.length % 4 !== 0) {
      throw new UserError("the join token is truncated", {
        code: "token-truncated",
        hint: hints.truncated,
        cause: err,
      });
    }
    throw garbage(`it is damaged (${errorMessage(err)})`, err);
  }
}

async function connection(kubeconfig: string): Promise<ConnectionDetails> {
  try {
    return await parseKubeconfig(kubeconfig, "the join token");
  } catch (err) {
    throw garbage("what it holds is not a kubeconfig", err);
  }
}

function expiryOf(extensions: ConnectionDetails["extensions"]): Date | undefined {
  const found = extensions.find(({ name }) => name === expiryExtension)?.extension;
  const at = (found as { at?: unknown } | null | undefined)?.at;
  const date = new Date(at instanceof Date || typeof at === "string" ? at : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function garbage(why: string, cause?: unknown): UserError {
  return new UserError(`the join token cannot be read: ${why}`, {
    code: "token-garbage",
    hint: hints.garbage,
    ...(cause === undefined ? {} : { cause }),
  });
}
