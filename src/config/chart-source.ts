// Where a Helm chart comes from, by its name, and which entry of spec.extensions.helm.repositories belongs to it.
// Upstream: pkg/component/controller/extensions_controller.go.

export type ChartSource =
  /** An archive on the disk of the leading controller. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "oci"; readonly reference: string; readonly host: string }
  /** `chart` of the repository of that name. */
  | { readonly kind: "repository"; readonly repository: string; readonly chart: string };

const scheme = "oci://";

/** Undefined for a name that means nothing. */
export function chartSource(chartName: string): ChartSource | undefined {
  if (chartName.startsWith("/") || chartName.startsWith(".")) return { kind: "file", path: chartName };
  if (chartName.startsWith(scheme)) {
    const host = registryHost(chartName);
    // A digest stands at the end; before it, and without one, an `@` means a password, which would be shown.
    const secret = chartName.replace(/@sha256:[^@]*$/, "").includes("@");
    return host === undefined || secret ? undefined : { kind: "oci", reference: chartName, host };
  }
  const slash = chartName.indexOf("/");
  const [repository, chart] = [chartName.slice(0, slash), chartName.slice(slash + 1)];
  // A chart called `--x` would be an option of helm.
  const means = slash > 0 && chart !== "" && !chartName.startsWith("-") && !chartName.includes("://");
  return means ? { kind: "repository", repository, chart } : undefined;
}

/** `host:port` of a registry's URL; undefined if it is none. */
function registryHost(url: string): string | undefined {
  if (!url.startsWith(scheme)) return undefined;
  const [place = ""] = url.slice(scheme.length).split("/");
  // A user and a password may stand before it.
  const host = place.slice(place.lastIndexOf("@") + 1);
  return host === "" ? undefined : host;
}

export function isRegistry(url: string): boolean {
  return registryHost(url) !== undefined;
}

/** A registry is named by its host alone: upstream takes no path. */
export function isRegistryWithPath(url: string): boolean {
  return url.startsWith(scheme) && url.slice(scheme.length).replace(/\/$/, "").includes("/");
}

/** The entry for a chart; a registry needs none. */
export function repositoryOf<Entry extends { readonly name: string; readonly url: string }>(
  source: ChartSource,
  repositories: readonly Entry[],
): Entry | undefined {
  if (source.kind === "file") return undefined;
  if (source.kind === "oci") return repositories.find(({ url }) => registryHost(url) === source.host);
  return repositories.find(({ name }) => name === source.repository);
}

/** The same for two configurations that mean the same chart; `url` is that of the repository, without credentials. */
export function chartIdentity(source: ChartSource, url: string): string {
  switch (source.kind) {
    case "file":
      return source.path;
    case "oci":
      return source.reference;
    case "repository":
      return `${url.replace(/\/+$/, "")}/${source.chart}`;
  }
}
