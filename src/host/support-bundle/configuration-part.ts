// How the node is configured, without secrets, and which certificates it has.

import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { defaultConfigPath } from "../../config/load.ts";
import { namesIn } from "../../os/names-in.ts";
import { readFileIfExists } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import { dumpYaml, parseYaml } from "../../std/yaml.ts";
import { recordFileName } from "../../config/installation-record.ts";
import type { NodePaths } from "../../product/paths.ts";
import { type Collector, jsonFile } from "./collect.ts";
import { shownDefinition } from "../service/shown-definition.ts";
import { shownConfiguration } from "./shown-configuration.ts";

/** It may have credentials of registries. */
export const containerdConfiguration = "/etc/k0s/containerd.toml";

/** `services`: their definitions, by their paths. */
export function configurationPart(paths: NodePaths, services: ReadonlyMap<string, string>): Collector {
  return {
    name: "configuration",
    collect: async (add) => {
      for (const [name, path] of [
        ["k0s.yaml", defaultConfigPath],
        ["running.yaml", paths.runtimeConfig],
      ] as const) {
        const text = await readFileIfExists(path);
        if (text !== undefined) add({ path: `configuration/${name}`, text: shownYaml(text, path) });
      }
      const others = [containerdConfiguration, paths.workerProfileCache, join(paths.dataDir, recordFileName)];
      for (const path of others) {
        const text = await readFileIfExists(path);
        if (text !== undefined) add({ path: `configuration/${path.split("/").at(-1)}`, text });
      }
      for (const [path, text] of services)
        add({ path: `configuration/service${path}`, text: shownDefinition(text) });
      add(jsonFile("configuration/names.json", await listings(paths)));
    },
  };
}

/** One that cannot be read is not shown as it is: nobody could say where in it a password stands. */
function shownYaml(text: string, source: string): string {
  try {
    return dumpYaml(shownConfiguration(parseYaml(text, { source })));
  } catch (err) {
    return `cannot be understood: ${errorMessage(err).split("\n", 1)[0]}\n`;
  }
}

async function listings({
  dataDir,
  manifestsDir,
  imagesDir,
}: NodePaths): Promise<Record<string, readonly string[]>> {
  const directories = [
    dataDir,
    imagesDir,
    manifestsDir,
    "/etc/k0s/containerd.d",
    "/etc/cni/net.d",
    "/opt/cni/bin",
  ];
  const stacks = (await namesIn(manifestsDir)).map((name) => join(manifestsDir, name));
  const named = await Promise.all(
    [...directories, ...stacks].map(async (dir): Promise<[string, readonly string[]]> => [
      dir,
      await present(dir),
    ]),
  );
  return Object.fromEntries(named);
}

const present = async (dir: string): Promise<readonly string[]> => (await namesIn(dir)).toSorted();

export function certificatesPart({ pkiDir, etcdPkiDir, kubeletRootDir }: NodePaths): Collector {
  return {
    name: "certificates",
    collect: async (add) => {
      const directories = [pkiDir, etcdPkiDir, join(kubeletRootDir, "pki")];
      const files = await Promise.all(
        directories.map(async (dir) =>
          (await present(dir)).filter((name) => /\.(crt|pem)$/.test(name)).map((name) => join(dir, name)),
        ),
      );
      const certificates = await Promise.all(
        files.flat().map(async (path) => ({
          path,
          certificates: certificatesIn((await readFileIfExists(path)) ?? ""),
        })),
      );
      add(jsonFile("certificates.json", certificates));
    },
  };
}

/** Whose they are and how long they hold; kubelet's files have keys beside them. */
export function certificatesIn(pem: string): readonly object[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => {
    try {
      const { subject, issuer, subjectAltName, validFrom, validTo, serialNumber } = new X509Certificate(
        block,
      );
      return { subject, issuer, subjectAltName, validFrom, validTo, serialNumber };
    } catch (err) {
      return { error: errorMessage(err) };
    }
  });
}
