// Feature gates, Helm charts and patches: entries told apart by name, texts that hold YAML.
// Upstream: pkg/apis/k0s/v1beta1/extensions.go, pkg/apis/k0s/v1beta1/patches.go.

import { errorMessage } from "../../std/errors.ts";
import { parseYaml } from "../../std/yaml.ts";
import type { YamlPath } from "../../std/yaml-positions.ts";
import { chartSource, isRegistry, isRegistryWithPath, repositoryOf } from "../chart-source.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import { operationsComplaint } from "../patch-operations.ts";
import type { ConfigProblem } from "../problem.ts";
import { repeatedNames } from "./repeated-names.ts";

export function addonRule({ spec }: ClusterConfig): ConfigProblem[] {
  const { charts, repositories } = spec.extensions.helm;
  const helm = ["spec", "extensions", "helm"];
  const { coreDNS, kubeProxy, calico, kuberouter } = spec.network;
  return [
    ...repeatedNames(["spec", "featureGates"], spec.featureGates),
    ...repeatedNames([...helm, "charts"], charts),
    ...repeatedNames([...helm, "repositories"], repositories),
    ...charts.flatMap(({ values = "" }, index) => holdsMapping([...helm, "charts", index, "values"], values)),
    ...charts.flatMap((chart, index) =>
      unfetchable([...helm, "charts", index, "chartname"], chart, repositories),
    ),
    ...repositories.flatMap(({ plainHTTP, url }, index) =>
      plainHTTP === true && !isRegistry(url)
        ? [
            {
              path: [...helm, "repositories", index, "plainHTTP"],
              message: "is for a registry (oci://…); another repository without TLS has a URL with http://",
            },
          ]
        : [],
    ),
    ...repositories.flatMap((repository, index) => twoSources([...helm, "repositories", index], repository)),
    ...repositories.flatMap((repository, index) =>
      isRegistryWithPath(repository.url)
        ? [
            {
              path: [...helm, "repositories", index, "url"],
              message: "a registry is oci://host or oci://host:port, without a path",
            },
          ]
        : [],
    ),
    ...patches(["spec", "network", "coreDNS", "patches"], coreDNS.patches),
    ...patches(["spec", "network", "kubeProxy", "patches"], kubeProxy.patches),
    ...patches(["spec", "network", "calico", "patches"], calico.patches),
    ...patches(["spec", "network", "kuberouter", "patches"], kuberouter.patches),
    ...patches(["spec", "metricsServer", "patches"], spec.metricsServer.patches),
  ];
}

type Helm = ClusterConfig["spec"]["extensions"]["helm"];

/** A chart that no Chart object could be made of, or none that could be fetched. */
function unfetchable(
  path: YamlPath,
  { chartname }: Helm["charts"][number],
  repositories: Helm["repositories"],
): ConfigProblem[] {
  const source = chartSource(chartname);
  if (source === undefined) {
    const message = `${JSON.stringify(chartname)} is no chart: write repository/chart, oci://registry/path/chart, or the path of an archive`;
    return [{ path, message }];
  }
  if (source.kind !== "repository" || repositoryOf(source, repositories) !== undefined) return [];
  return [
    {
      path,
      message: `there is no repository ${JSON.stringify(source.repository)} in spec.extensions.helm.repositories`,
    },
  ];
}

/** User and password in a Secret of the user's and in the file, of which one would be passed over. */
function twoSources(path: YamlPath, repository: Helm["repositories"][number]): ConfigProblem[] {
  const { configFrom, username = "", password = "", url } = repository;
  if (configFrom === undefined) return [];
  const parsed = URL.parse(url);
  const inUrl = parsed !== null && (parsed.username !== "" || parsed.password !== "");
  if (username === "" && password === "" && !inUrl) return [];
  const message = "stands beside a user or a password; keep one: the Secret, or what stands here";
  return [{ path: [...path, "configFrom"], message }];
}

type Patches = ClusterConfig["spec"]["metricsServer"]["patches"];

function patches(path: YamlPath, list: Patches): ConfigProblem[] {
  return list.flatMap(({ patch }, index) => {
    const at = [...path, index, "patch", "content"];
    return patch.type === "JSON" ? holdsOperations(at, patch.content) : holdsMapping(at, patch.content);
  });
}

function holdsMapping(path: YamlPath, text: string): ConfigProblem[] {
  const { value, problem } = parsed(path, text);
  if (problem !== undefined) return [problem];
  const fine = value === null || (typeof value === "object" && !Array.isArray(value));
  return fine ? [] : [{ path, message: "must hold a YAML mapping" }];
}

function holdsOperations(path: YamlPath, text: string): ConfigProblem[] {
  const { value, problem } = parsed(path, text);
  if (problem !== undefined) return [problem];
  const message = operationsComplaint(value);
  return message === undefined ? [] : [{ path, message }];
}

function parsed(path: YamlPath, text: string): { value?: unknown; problem?: ConfigProblem } {
  try {
    return { value: parseYaml(text, { source: "line" }) };
  } catch (err) {
    return { problem: { path, message: `does not hold YAML (${errorMessage(err)})` } };
  }
}
