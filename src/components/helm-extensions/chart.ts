// A Chart: one release that k0s keeps, made from k0s.yaml or by a user. Upstream: pkg/apis/helm/v1beta1/chart_types.go.

import type { KubeResource } from "../../kube/types.ts";
import { tryParseDuration } from "../../std/duration.ts";

export const chartKind = { apiVersion: "helm.k0sproject.io/v1beta1", kind: "Chart" } as const;
/** Charts elsewhere are ignored, as upstream does it: who may write here is an administrator. */
export const chartNamespace = "kube-system";
/** A Chart that has it is uninstalled before it goes. */
export const chartFinalizer = "helm.k0sproject.io/uninstall-helm-release";

export interface ChartRepository {
  readonly url?: string;
  readonly username?: string;
  readonly password?: string;
  /** Paths on the leading controller. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** TLS without a look at the certificate. */
  readonly insecure?: boolean;
  /** A registry without TLS. */
  readonly plainHTTP?: boolean;
  /** A Secret that wins over the fields above. */
  readonly configFrom?: {
    readonly secretRef: { readonly name: string; readonly namespace?: string | undefined };
  };
}

/** An object of the Chart's namespace that holds values. */
export interface ValuesReference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  /** Of its data; `values.yaml` when nothing is said. */
  readonly key?: string | undefined;
  /** One that is not there is passed over. */
  readonly optional?: boolean | undefined;
}

export interface ChartSpec {
  readonly chartName?: string;
  readonly releaseName?: string;
  readonly version?: string;
  /** A text that holds YAML. */
  readonly values?: string;
  /** A later one wins over an earlier one, `values` over all of them. */
  readonly valuesFrom?: readonly ValuesReference[];
  readonly namespace?: string;
  readonly timeout?: string;
  readonly forceUpgrade?: boolean;
  readonly order?: number;
  readonly repository?: ChartRepository;
}

export interface ReleaseRef {
  readonly name: string;
  readonly namespace: string;
}

/** What k0s is about to do with a release; kept until that has ended, so that a crash in the middle is known as our own. */
export interface ChartOperation {
  readonly release: string;
  readonly namespace: string;
  /** That helm will make; 0 for an uninstallation. */
  readonly revision: number;
}

/** `operation`, `specHash` and `valuesFromHash` are not upstream's. */
export interface ChartStatus {
  readonly releaseName?: string;
  readonly version?: string;
  readonly appVersion?: string;
  readonly revision?: number;
  readonly namespace?: string;
  readonly updated?: string;
  readonly valuesHash?: string;
  readonly status?: string;
  readonly error?: string;
  /** Of that part of the specification which the release was made from. */
  readonly specHash?: string;
  /** Of what its `valuesFrom` held, by which nobody can guess what that was. */
  readonly valuesFromHash?: string;
  readonly operation?: ChartOperation;
}

export interface Chart extends KubeResource {
  readonly spec?: ChartSpec;
  readonly status?: ChartStatus;
}

const defaultTimeoutMs = 600_000;

/** How long helm may wait for one thing; also for a text that says nothing. */
export function timeoutOf({ timeout = "" }: ChartSpec): number {
  const ms = tryParseDuration(timeout) ?? 0;
  return ms > 0 ? ms : defaultTimeoutMs;
}

/** The release that a Chart asks for. */
export function wantedRelease({ metadata, spec = {} }: Chart): ReleaseRef {
  const { releaseName = "", namespace = "" } = spec;
  return {
    name: releaseName === "" ? (metadata.name ?? "") : releaseName,
    namespace: namespace === "" ? (metadata.namespace ?? chartNamespace) : namespace,
  };
}

/** The release that was made for it, if there is one. */
export function madeRelease({ status = {} }: Chart): ReleaseRef | undefined {
  const { releaseName = "", namespace = "" } = status;
  return releaseName === "" || namespace === "" ? undefined : { name: releaseName, namespace };
}

/** The release of an installation that was begun, and of which nothing more is known. */
export function begunRelease({ status }: Chart): ReleaseRef | undefined {
  const { operation } = status ?? {};
  return operation === undefined ? undefined : { name: operation.release, namespace: operation.namespace };
}

/** Before the name of a chart of the configuration. */
export const configuredPrefix = "k0s-addon-chart-";

/** Where people have written its `values`. */
export function valuesPlace({ metadata: { name = "" } }: Chart): string {
  return name.startsWith(configuredPrefix)
    ? `values of the chart ${name.slice(configuredPrefix.length)} of spec.extensions.helm`
    : `spec.values of the Chart ${name}`;
}

export function sameRelease(one: ReleaseRef, other: ReleaseRef): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

export function isLeaving({ metadata }: Chart): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function hasFinalizer({ metadata }: Chart): boolean {
  return metadata.finalizers?.includes(chartFinalizer) === true;
}

/** As upstream makes it: of the release's name and its values. */
export function valuesHashOf(chart: Chart): string {
  return sha256(wantedRelease(chart).name + (chart.spec?.values ?? ""));
}

/** Of all that a release is made from, but for the place where its chart is fetched. */
export function specHashOf(chart: Chart): string {
  const { chartName = "", version = "", values = "", valuesFrom = [] } = chart.spec ?? {};
  const { name, namespace } = wantedRelease(chart);
  const more = valuesFrom.length === 0 ? [] : [valuesFrom.map(({ kind, name, key }) => [kind, name, key])];
  return sha256(JSON.stringify([chartName, version, name, namespace, values, ...more]));
}

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
