// What spec.extensions.helm becomes in the cluster: the definition of Chart, a Chart for each entry, and a Secret for each
// repository with a password. Upstream: pkg/component/controller/extensions_controller.go.

import { chartSource, repositoryOf } from "../../config/chart-source.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { secretKind } from "../../kube/objects/secret.ts";
import type { KubeObject } from "../../kube/types.ts";
import { formatDuration } from "../../std/duration.ts";
import { repositoryAccess } from "./access.ts";
import {
  chartFinalizer,
  chartKind,
  chartNamespace,
  type ChartRepository,
  configuredPrefix,
} from "./chart.ts";
import { chartCrd } from "./crd.ts";

type Helm = ClusterConfig["spec"]["extensions"]["helm"];
type ChartEntry = Helm["charts"][number];
type RepositoryEntry = Helm["repositories"][number];

/** The stack `helm`. */
export function helmStack({ charts, repositories }: Helm): readonly KubeObject[] {
  const used = new Set(charts.flatMap((chart) => entryFor(chart, repositories) ?? []));
  return [
    chartCrd(),
    ...[...used].flatMap((entry) => secretOf(entry) ?? []),
    ...charts.map((chart) => chartObject(chart, entryFor(chart, repositories))),
  ];
}

function entryFor(
  { chartname }: ChartEntry,
  repositories: readonly RepositoryEntry[],
): RepositoryEntry | undefined {
  const source = chartSource(chartname);
  return source === undefined ? undefined : repositoryOf(source, repositories);
}

function chartObject(chart: ChartEntry, repository: RepositoryEntry | undefined): KubeObject {
  const { name, chartname, version = "", values = "", valuesFrom, namespace } = chart;
  const { timeout, forceUpgrade, order } = chart;
  return {
    ...chartKind,
    metadata: {
      name: configuredPrefix + name,
      namespace: chartNamespace,
      finalizers: [chartFinalizer],
    },
    spec: {
      chartName: chartname,
      releaseName: name,
      version,
      values,
      ...(valuesFrom === undefined ? {} : { valuesFrom }),
      namespace,
      ...(timeout === undefined ? {} : { timeout: durationText(timeout) }),
      ...(forceUpgrade === undefined ? {} : { forceUpgrade }),
      ...(order === undefined ? {} : { order }),
      ...(repository === undefined ? {} : { repository: repositoryObject(repository) }),
    },
  };
}

/** A number is in nanoseconds, as Go has it. */
function durationText(timeout: string | number): string {
  return typeof timeout === "number" ? formatDuration(timeout / 1e6) : timeout;
}

function repositoryObject(entry: RepositoryEntry): ChartRepository {
  const { caFile, certFile, keyfile: keyFile, insecure, plainHTTP } = entry;
  const { url, username, password } = repositoryAccess(entry);
  const secret = username !== "" || password !== "";
  const given = Object.entries({ caFile, certFile, keyFile, insecure, plainHTTP }).filter(
    ([, value]) => value,
  );
  return {
    url,
    ...Object.fromEntries(given),
    ...(secret ? { configFrom: { secretRef: { name: secretName(entry), namespace: chartNamespace } } } : {}),
    ...(entry.configFrom === undefined ? {} : { configFrom: entry.configFrom }),
  };
}

/**
 * User and password, which upstream writes into the Chart: a Secret is what may be encrypted at rest, and what people are
 * used not to show to everyone.
 */
function secretOf(entry: RepositoryEntry): KubeObject | undefined {
  const { username, password } = repositoryAccess(entry);
  if (username === "" && password === "") return undefined;
  return {
    ...secretKind,
    metadata: { name: secretName(entry), namespace: chartNamespace },
    type: "Opaque",
    data: { username: base64(username), password: base64(password) },
  };
}

/** A repository may have any name, an object may not. */
function secretName({ name }: RepositoryEntry): string {
  const hash = new Bun.CryptoHasher("sha256").update(name).digest("hex").slice(0, 12);
  return `k0s-helm-repository-${hash}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
