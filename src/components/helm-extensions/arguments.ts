// helm's command lines. No credential is in one: files carry them. Pure.

import type { ChartSource } from "../../config/chart-source.ts";
import type { ReleaseRef } from "./chart.ts";

/** The repository of a chart, as helm's own file of repositories calls it. */
export const repositoryAlias = "repository";

/** Paths in the private directory of one operation. */
export interface HelmFiles {
  readonly kubeconfig: string;
  readonly repositories: string;
  readonly registry: string;
  readonly cache: string;
  /** Of a later one what it says wins. */
  readonly values: readonly string[];
  /** Where the fetched archive goes. */
  readonly charts: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export function repoUpdateArguments(files: HelmFiles): readonly string[] {
  return ["repo", "update", repositoryAlias, "--fail-on-repo-update-fail", ...places(files)];
}

/** Fetches the archive of a chart; one that lies on the host needs none of it. */
export function pullArguments(
  source: Exclude<ChartSource, { kind: "file" }>,
  { version, files, ...how }: Transport & { version: string; files: HelmFiles },
): readonly string[] {
  return [
    "pull",
    source.kind === "oci" ? source.reference : `${repositoryAlias}/${source.chart}`,
    ...(version === "" ? [] : ["--version", version]),
    "--destination",
    files.charts,
    ...transport(source, how, files),
    ...places(files),
  ];
}

/** Fetches what the chart in a directory depends on, into its folder `charts`. */
export function dependencyArguments(
  dir: string,
  source: ChartSource,
  { files, ...how }: Transport & { files: HelmFiles },
): readonly string[] {
  return ["dependency", "build", dir, ...transport(source, how, files), ...places(files)];
}

interface Transport {
  readonly insecure: boolean;
  readonly plainHttp: boolean;
}

/** A repository's certificates are in the file of repositories; `insecure` is there, too, but heeded for the index alone. */
function transport(
  { kind }: ChartSource,
  { insecure, plainHttp }: Transport,
  { ca, cert, key }: HelmFiles,
): readonly string[] {
  const registry = kind === "oci";
  return [
    ...(registry && ca !== undefined ? ["--ca-file", ca] : []),
    ...(registry && cert !== undefined ? ["--cert-file", cert] : []),
    ...(registry && key !== undefined ? ["--key-file", key] : []),
    ...(registry && plainHttp ? ["--plain-http"] : []),
    ...(insecure ? ["--insecure-skip-tls-verify"] : []),
  ];
}

export interface DeployOptions {
  readonly archive: string;
  readonly timeoutMs: number;
  readonly files: HelmFiles;
}

/** `replace`: a release was uninstalled and its history kept. */
export function installArguments(
  release: ReleaseRef,
  { replace, ...options }: DeployOptions & { readonly replace: boolean },
): readonly string[] {
  return [
    "install",
    ...deployment(release, options),
    "--create-namespace",
    ...(replace ? ["--replace"] : []),
  ];
}

export function upgradeArguments(
  release: ReleaseRef,
  { force, ...options }: DeployOptions & { readonly force: boolean },
): readonly string[] {
  return ["upgrade", ...deployment(release, options), ...(force ? ["--force"] : [])];
}

export function rollbackArguments(
  release: ReleaseRef,
  options: { to: number; wait: boolean; force: boolean; timeoutMs: number; files: HelmFiles },
): readonly string[] {
  return [
    "rollback",
    release.name,
    String(options.to),
    ...(options.wait ? ["--wait"] : []),
    ...(options.force ? ["--force"] : []),
    ...timeout(options.timeoutMs),
    ...cluster(release, options.files),
  ];
}

export function uninstallArguments(
  release: ReleaseRef,
  { timeoutMs, files }: Pick<DeployOptions, "timeoutMs" | "files">,
): readonly string[] {
  // Without --debug helm does not say why it could not.
  const how = ["--wait", "--cascade", "foreground", "--ignore-not-found", "--debug"];
  return ["uninstall", release.name, ...how, ...timeout(timeoutMs), ...cluster(release, files)];
}

export function metadataArguments(release: ReleaseRef, files: HelmFiles): readonly string[] {
  return ["get", "metadata", release.name, "--output", "json", ...cluster(release, files)];
}

export function statusArguments(release: ReleaseRef, revision: number, files: HelmFiles): readonly string[] {
  const asked = ["--revision", String(revision), "--output", "json"];
  return ["status", release.name, ...asked, ...cluster(release, files)];
}

function deployment(release: ReleaseRef, { archive, timeoutMs, files }: DeployOptions): readonly string[] {
  const values = files.values.flatMap((path) => ["--values", path]);
  const how = ["--wait", "--wait-for-jobs", "--hide-notes", ...values];
  return [release.name, archive, ...how, ...timeout(timeoutMs), ...cluster(release, files)];
}

function timeout(ms: number): readonly string[] {
  return ["--timeout", `${Math.ceil(ms / 1000)}s`];
}

function cluster({ namespace }: ReleaseRef, files: HelmFiles): readonly string[] {
  return ["--namespace", namespace, "--kubeconfig", files.kubeconfig, ...places(files)];
}

/** Nothing of the user who runs k0s is read or written. */
function places({ repositories, cache, registry }: HelmFiles): readonly string[] {
  return ["--repository-config", repositories, "--repository-cache", cache, "--registry-config", registry];
}
