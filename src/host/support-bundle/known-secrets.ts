// The secrets that this node has, so that none of them leaves it: read from where they are kept, whether or not anything that
// is collected should hold them.

import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDataSource } from "../../config/data-source.ts";
import { processEnvironment, type ProcessId } from "../../os/processes.ts";
import { readRegularFile } from "../../os/regular-file.ts";
import type { NodePaths } from "../../product/paths.ts";
import { isSecretName, secretWords } from "./secret-names.ts";
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
    ...environment.flatMap(([name, value]) => secretsOfVariable(name, value)),
    ...ofTokens.flatMap((text) => text?.split(/\s+/).filter((word) => word.length >= 16) ?? []),
  ];
}

/** Of the environment of a process or container: the whole value, if its name says that it is one. */
export function secretsOfVariable(name: string, value: string): readonly string[] {
  const whole = isSecretName(name) && !isHarmless(value) ? [value] : [];
  return [...new Set([...whole, ...secretsIn(value)])];
}

/** Keys of a PEM text line by line, tokens and passwords of kubeconfigs, and what stands in URLs and fields of passwords. */
export function secretsIn(text: string): readonly string[] {
  const keys = [...text.matchAll(/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----([\s\S]*?)-----END/g)].flatMap(
    ([, body = ""]) => body.split(/\s+/).filter((line) => line.length >= 16),
  );
  const fields = [...text.matchAll(field)].flatMap(([, double, single, plain]) =>
    plain === undefined ? [double ?? single ?? ""] : endings(plain),
  );
  const registries = [...text.matchAll(/\bauth"?[ \t]*[:=][ \t]*"([A-Za-z0-9+/=]+)"/gi)].flatMap(
    ([, encoded = ""]) => {
      const user = Buffer.from(encoded, "base64").toString();
      return [user, user.slice(user.indexOf(":") + 1)];
    },
  );
  const urls = [...text.matchAll(/:\/\/[^:/@\s]*:([^\s"']*)@/g)].flatMap(([, password = ""]) => [
    password,
    decoded(password),
  ]);
  const sources = [...text.matchAll(/\b(?:mysql|postgres(?:ql)?):\/\/[^\s"']+/g)].flatMap(
    ([source]) => parseDataSource(source).password ?? [],
  );
  const found = [...keys, ...fields, ...registries, ...urls, ...sources];
  return [...new Set(found)].filter((secret) => secret !== "" && !isHarmless(secret));
}

/** In YAML, JSON, TOML, INI files, variables and URLs. */
const field = new RegExp(
  String.raw`(?:${secretWords})s?\d*\\?["']?[ \t]*[:=][ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|(?![{[|>"'])([^\n]+))`,
  "gim",
);

/** Nobody can tell where a value without quotes ends: at the next parameter, at a blank, with its line. */
function endings(line: string): readonly string[] {
  const parts = [
    line.trim(),
    /^[^"]*/.exec(line)?.[0]?.trim() ?? "",
    /^\S*/.exec(line)?.[0] ?? "",
    /^[^\s,;&}"']*/.exec(line)?.[0] ?? "",
  ];
  return parts.flatMap((part) => [part, decoded(part)]);
}

/** A switch or a path: looked for, it would take away what helps. */
function isHarmless(value: string): boolean {
  return /^(?:true|false|null|none|\/(?:etc|var|run|usr|opt|tmp|root|home)\/[\w./-]+)$/i.test(value);
}

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
