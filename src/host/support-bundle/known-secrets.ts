// The secrets that this node has, so that none of them leaves it: read from where they are kept, whether or not anything that
// is collected should hold them.

import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDataSource } from "../../config/data-source.ts";
import { processEnvironment, type ProcessId } from "../../os/processes.ts";
import { readRegularFile } from "../../os/regular-file.ts";
import type { NodePaths } from "../../product/paths.ts";
import type { Attempts } from "./attempts.ts";

export interface SecretSources {
  readonly paths: NodePaths;
  /** Texts that may hold some: the configuration, definitions of services. */
  readonly texts: readonly string[];
  /** Paths of join tokens. */
  readonly tokenFiles: readonly string[];
  readonly k0s: ProcessId | undefined;
  /** A token file is what somebody has named: it can be anything. */
  readonly attempts: Attempts;
}

export async function knownSecrets({
  paths,
  texts,
  tokenFiles,
  k0s,
  attempts,
}: SecretSources): Promise<readonly string[]> {
  const { pkiDir, dataDir, kubeletRootDir, runDir } = paths;
  const directories = [pkiDir, dataDir, join(kubeletRootDir, "pki"), join(runDir, "kine")];
  const read = (path: string): Promise<string | undefined> => attempts.at(path, readRegularFile);
  const listed = await Promise.all(directories.map((directory) => attempts.at(directory, filesIn)));
  const kept = await Promise.all(listed.flatMap((files) => files ?? []).map(read));
  const ofTokens = await Promise.all(tokenFiles.map(read));
  const environment = k0s === undefined ? [] : [...(await processEnvironment(k0s.pid))];
  return [
    ...[...kept, ...ofTokens].flatMap((text) => (text === undefined ? [] : secretsIn(text))),
    ...texts.flatMap(secretsIn),
    ...environment.flatMap(([name, value]) => (secretName.test(name) ? [value] : secretsIn(value))),
    ...ofTokens.flatMap((text) => text?.split(/\s+/).filter((word) => word.length >= 16) ?? []),
  ];
}

const secretName = /token|passw|secret|_key$/i;

/** Keys of a PEM text line by line, tokens and passwords of kubeconfigs, and what stands in URLs and fields of passwords. */
export function secretsIn(text: string): readonly string[] {
  const keys = [...text.matchAll(/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----([\s\S]*?)-----END/g)].flatMap(
    ([, body = ""]) => body.split(/\s+/).filter((line) => line.length >= 16),
  );
  const fields = [...text.matchAll(field)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
  const urls = [...text.matchAll(/:\/\/[^:/@\s]*:([^\s"']*)@/g)].flatMap(([, password = ""]) => [
    password,
    decoded(password),
  ]);
  const sources = [...text.matchAll(/\b(?:mysql|postgres(?:ql)?):\/\/[^\s"']+/g)].flatMap(
    ([source]) => parseDataSource(source).password ?? [],
  );
  const parameters = [...text.matchAll(/\bpassword=([^&\s"';]+)/gi)].flatMap(([, value = ""]) => [
    value,
    decoded(value),
  ]);
  return [...keys, ...fields, ...urls, ...sources, ...parameters].filter((secret) => secret !== "");
}

/** In YAML and JSON. The names are those of k0s.yaml and of kubeconfigs. */
const field =
  /(?:^|[\s,{])"?(?:client-key-data|token|password|authPass|passphrase)"?:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s,}]+))/gm;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone %: then it is meant as it is.
    return text;
  }
}

/** Of the files that hold keys and credentials, by their names; no directory, no file. */
async function filesIn(dir: string): Promise<readonly string[]> {
  try {
    const recursive = basename(dir) === "pki";
    const entries = await readdir(dir, { withFileTypes: true, recursive });
    return entries
      .filter((entry) => entry.isFile() && /\.(key|conf|pem|yaml)$|^endpoint$/.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name));
  } catch (err) {
    if (["ENOENT", "ENOTDIR"].includes((err as NodeJS.ErrnoException).code ?? "")) return [];
    throw err;
  }
}
