// A node's client certificate, signed on a controller with the authority that it has: as kube-controller-manager would sign it,
// which is not there yet when kubelet could start.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { readFileIfExists } from "../../os/files.ts";
import { issuerIn } from "../../pki/issuer.ts";
import type { TrustBundle } from "../../std/trust-bundle.ts";
import type { NodeCertificate } from "./certificate.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { type FlagMap, lastFlagValue } from "../../std/flags.ts";
import { nodeUser } from "./node-user.ts";

export interface LocalIssue {
  readonly paths: Pick<NodePaths, "pkiDir">;
  readonly nodeName: string;
  readonly ca: TrustBundle;
  readonly expiresMs: number;
}

/** Undefined where the key of the authority is elsewhere. */
export async function issueLocally(issue: LocalIssue): Promise<NodeCertificate | undefined> {
  const base = join(issue.paths.pkiDir, "ca");
  const key = await readFileIfExists(`${base}.key`);
  if (key === undefined) return undefined;
  // The library for certificates is large, and mostly not needed.
  const { issueLeaf } = await import("../../pki/issue.ts");
  return await issueLeaf({
    ca: issuerIn(issue.ca, key, base),
    cn: nodeUser(issue.nodeName),
    o: ["system:nodes"],
    expiresMs: issue.expiresMs,
    keyType: "p256",
    clientOnly: true,
  });
}

/** How kube-controller-manager signs for kubelets as clients. */
const signing = [
  "cert-file",
  "key-file",
  "duration",
  "kubelet-client-cert-file",
  "kubelet-client-key-file",
].map((name) => `cluster-signing-${name}`);

/** Whether somebody has told kube-controller-manager with what to sign, or for how long: then that one has to do it. */
export function isSigningSet({ spec }: ClusterConfig, cliExtraArgs: FlagMap): boolean {
  const { extraArgs, rawArgs } = spec.controllerManager;
  return signing.some(
    (flag) => flag in extraArgs || flag in cliExtraArgs || lastFlagValue(rawArgs, flag) !== undefined,
  );
}
