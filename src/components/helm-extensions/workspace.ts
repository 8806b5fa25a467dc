// The private directory of one operation of helm: all that it reads and writes, with credentials in files that only root
// may read. It lies in the run directory, which is in memory.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ChartSource } from "../../config/chart-source.ts";
import { ensureDir } from "../../os/files.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { readRegularFile } from "../../os/regular-file.ts";
import { removeTree } from "../../os/removal.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { PemSource, RepositoryAccess } from "./access.ts";
import { type HelmFiles, repositoryAlias } from "./arguments.ts";

export interface Workspace extends AsyncDisposable {
  readonly dir: string;
  readonly files: HelmFiles;
  /** What people call those of them that helm may complain about, by path. */
  readonly names: ReadonlyMap<string, string>;
}

/** A text that holds YAML. */
export interface NamedValues {
  /** Where people have written it. */
  readonly name: string;
  readonly text: string;
}

export interface WorkspaceContent {
  readonly source: ChartSource | undefined;
  readonly access: RepositoryAccess | undefined;
  /** A later one wins. */
  readonly values: readonly NamedValues[];
}

const nothing: WorkspaceContent = { source: undefined, access: undefined, values: [] };

/** Takes away what a k0s that was killed has left. To be called while no helm of this k0s runs. */
export async function clearWorkspaces(parent: string): Promise<void> {
  await removeTree(parent);
}

export async function createWorkspace(
  parent: string,
  kubeconfig: string,
  content: WorkspaceContent = nothing,
): Promise<Workspace> {
  await ensureDir(parent, { mode: 0o700 });
  const dir = join(parent, crypto.randomUUID());
  await mkdir(dir, { mode: 0o700 });
  const workspace = { dir, [Symbol.asyncDispose]: () => removeTree(dir) };
  try {
    const files = await fill(dir, kubeconfig, content);
    const names = new Map(content.values.map(({ name }, index) => [files.values[index] ?? "", name]));
    return { ...workspace, files, names };
  } catch (err) {
    await removeTree(dir);
    throw err;
  }
}

async function fill(
  dir: string,
  kubeconfig: string,
  { source, access, values }: WorkspaceContent,
): Promise<HelmFiles> {
  const put = async (name: string, text: string): Promise<string> => {
    const path = join(dir, name);
    await writeNewFile(path, new TextEncoder().encode(text));
    return path;
  };
  for (const name of ["charts", "cache"]) await mkdir(join(dir, name), { mode: 0o700 });
  const pem = async (name: string, from: PemSource | undefined): Promise<string | undefined> =>
    from === undefined ? undefined : put(name, await textOf(from));
  const [ca, cert, key] = [
    await pem("ca.crt", access?.ca),
    await pem("tls.crt", access?.cert),
    await pem("tls.key", access?.key),
  ];
  const valueFiles: string[] = [];
  for (const [index, { text }] of values.entries()) valueFiles.push(await put(`values-${index}.yaml`, text));
  return {
    kubeconfig,
    cache: join(dir, "cache"),
    charts: join(dir, "charts"),
    values: valueFiles,
    repositories: await put(
      "repositories.yaml",
      JSON.stringify(repositoriesFile(source, access, { ca, cert, key })),
    ),
    registry: await put("registry.json", JSON.stringify(registryFile(source, access))),
    ca,
    cert,
    key,
  };
}

interface RepositoriesFile {
  readonly repositories: readonly { readonly name: string; readonly url: string }[];
}

/** helm's file of repositories, which is YAML and so may be JSON. */
export function repositoriesFile(
  source: ChartSource | undefined,
  access: RepositoryAccess | undefined,
  { ca = "", cert = "", key = "" }: { readonly [Name in "ca" | "cert" | "key"]?: string | undefined },
): RepositoriesFile {
  const base = { apiVersion: "", generated: "0001-01-01T00:00:00Z" };
  if (access === undefined || source?.kind !== "repository") return { ...base, repositories: [] };
  const { url, username, password, insecure } = access;
  const entry = {
    name: repositoryAlias,
    url,
    username,
    password,
    caFile: ca,
    certFile: cert,
    keyFile: key,
    insecure_skip_tls_verify: insecure,
    // Only the repository's own host gets them.
    pass_credentials_all: false,
  };
  return { ...base, repositories: [entry] };
}

/** Docker Hub's names; its password is looked for under none of them. */
const dockerHub: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);
const dockerHubKey = "https://index.docker.io/v1/";

/** Docker's config.json. */
export function registryFile(source: ChartSource | undefined, access: RepositoryAccess | undefined): object {
  if (access === undefined || source?.kind !== "oci") return { auths: {} };
  const { username, password } = access;
  if (username === "" && password === "") return { auths: {} };
  const place = dockerHub.has(source.host) ? dockerHubKey : source.host;
  return { auths: { [place]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } } };
}

async function textOf(from: PemSource): Promise<string> {
  if ("pem" in from) return from.pem;
  const unreadable = (why: string, cause?: unknown) =>
    new UserError(`the file ${from.path} of the repository cannot be read: ${why}`, { cause });
  try {
    const text = await readRegularFile(from.path);
    if (text !== undefined) return text;
  } catch (err) {
    throw unreadable(errorMessage(err), err);
  }
  throw unreadable("it is not there");
}
