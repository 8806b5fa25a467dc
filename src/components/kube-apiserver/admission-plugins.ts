// Which admission plug-ins of kube-apiserver are at work: of the others it reads no settings.
// Upstream: k8s.io/kubernetes/pkg/kubeapiserver/options, DefaultOffAdmissionPlugins.

import type { NodeConfig } from "../../config/fixed-fields.ts";
import { type EffectiveSecurity, securityOf } from "../../config/security.ts";
import { flagValues, mergeFlags, renderFlags } from "../../std/flags.ts";

/** At work unless they are switched off. A later one is missed here: then it is kube-apiserver that says what its settings lack. */
const defaultPlugins: readonly string[] = [
  "CertificateApproval",
  "CertificateSigning",
  "CertificateSubjectRestriction",
  "ClusterTrustBundleAttest",
  "DefaultIngressClass",
  "DefaultStorageClass",
  "DefaultTolerationSeconds",
  "LimitRanger",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionWebhook",
  "NamespaceLifecycle",
  "NodeDeclaredFeatureValidator",
  "PersistentVolumeClaimResize",
  "PodGroupProtection",
  "PodResizeValidator",
  "PodSecurity",
  "PodTopologyLabels",
  "Priority",
  "ResourceQuota",
  "RuntimeClass",
  "ServiceAccount",
  "StorageObjectInUseProtection",
  "TaintNodesByCondition",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionWebhook",
];

export const enableFlag = "enable-admission-plugins";

/** That k0s asks for, as the flag takes them. */
export function ownPlugins({ cis, eventLimits }: EffectiveSecurity): string {
  return [
    "NodeRestriction",
    ...(eventLimits.length > 0 ? ["EventRateLimit"] : []),
    ...(cis ? ["DenyServiceExternalIPs"] : []),
  ].join(",");
}

export function pluginsAtWork(config: NodeConfig): ReadonlySet<string> {
  const { extraArgs, rawArgs } = config.spec.api;
  const args = renderFlags(mergeFlags({ [enableFlag]: ownPlugins(securityOf(config)) }, extraArgs), rawArgs);
  // The flags add up when they are repeated.
  const named = (flag: string): readonly string[] =>
    flagValues(args, flag).flatMap((value) => value.split(",").map((name) => name.trim()));
  const off = new Set(named("disable-admission-plugins"));
  return new Set([...defaultPlugins.filter((name) => !off.has(name)), ...named(enableFlag)]);
}
