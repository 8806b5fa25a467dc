// What Kubernetes takes for names, labels and taints, so that it can be refused before a component does.
// Upstream: k8s.io/apimachinery/pkg/util/validation, k8s.io/kubernetes/pkg/kubelet/apis/well_known_labels.go.

import { createHash } from "node:crypto";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const word = /^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;
const wordRule = "letters, digits, -, _ and ., with a letter or digit at both ends";

export const longestLabelValue = 63;
const longestSubdomain = 253;

/** Why a text is not a DNS name as object names are; undefined if it is one. */
export function subdomainProblem(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.length > longestSubdomain) return `is longer than ${longestSubdomain} characters`;
  if (text.split(".").every((label) => dnsLabel.test(label))) return undefined;
  return "is not a DNS name: lower-case letters, digits, - and ., with a letter or digit at both ends of each part";
}

/** Why a text cannot be the value of a label; an empty one can. */
export function labelValueProblem(text: string): string | undefined {
  if (text === "") return undefined;
  if (text.length > longestLabelValue) return `is longer than ${longestLabelValue} characters`;
  return word.test(text) ? undefined : `may consist of ${wordRule}`;
}

/** Why a text cannot be the key of a label, a taint or an annotation: `name` or `prefix.example/name`. */
export function labelKeyProblem(text: string): string | undefined {
  const parts = text.split("/");
  const name = parts.pop() ?? "";
  const [prefix] = parts;
  if (parts.length > 1) return "has more than one /";
  if (prefix !== undefined) {
    const problem = subdomainProblem(prefix);
    if (problem !== undefined) return `has a prefix that ${problem}`;
  }
  if (name === "") return "has no name";
  if (name.length > longestLabelValue) return `has a name longer than ${longestLabelValue} characters`;
  return word.test(name) ? undefined : `may consist of ${wordRule}`;
}

/** Short and the same each time: what has it as an annotation is replaced when the text changes. */
export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** The text itself where it fits into a label, else its beginning and a digest: the same each time. */
export function asLabelValue(text: string): string {
  if (text.length <= longestLabelValue) return text;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${text.slice(0, longestLabelValue - digest.length - 1)}-${digest}`;
}

/** What kubelet may set on its own node in the namespace of Kubernetes: it refuses to start with others. */
const ownPrefixes = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const ownLabels: ReadonlySet<string> = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);

/** Whether kubelet refuses to put this label on its node, as in `node-role.kubernetes.io/worker`. */
export function isForbiddenNodeLabel(key: string): boolean {
  const [prefix = "", name] = key.split("/", 2);
  if (name === undefined || ownLabels.has(key)) return false;
  const under = (domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`);
  return (under("kubernetes.io") || under("k8s.io")) && !ownPrefixes.some(under);
}
