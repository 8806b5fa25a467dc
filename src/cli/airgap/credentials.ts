// Where the credentials for registries lie: in the files that are named, else where Docker and Podman keep theirs.

import { join } from "node:path";
import { readBytesIfExists } from "../../os/files.ts";
import type { AuthorizerOptions } from "../../oci/registry/authorizer.ts";
import { type AskHelper, askHelper } from "../../oci/registry/credential-helper.ts";
import { credentialFor, type DockerConfig, parseDockerConfig } from "../../oci/registry/docker-config.ts";
import { UserError } from "../../std/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** In the order in which they are asked. */
export function usualConfigFiles(env: Environment): string[] {
  const home = env["HOME"];
  const own = (variable: string, fallback: string | undefined): string[] => {
    const dir = env[variable] ?? fallback;
    return dir === undefined || dir === "" ? [] : [dir];
  };
  return [
    ...own("REGISTRY_AUTH_FILE", undefined),
    ...own("DOCKER_CONFIG", home && join(home, ".docker")).map((dir) => join(dir, "config.json")),
    ...own("XDG_RUNTIME_DIR", undefined).map((dir) => join(dir, "containers/auth.json")),
    ...own("XDG_CONFIG_HOME", home && join(home, ".config")).map((dir) => join(dir, "containers/auth.json")),
  ];
}

/** A file that was named has to be there. */
export async function readConfigFiles(
  named: readonly string[],
  env: Environment,
): Promise<readonly DockerConfig[]> {
  const files = named.length === 0 ? usualConfigFiles(env) : named;
  const found = await Promise.all(
    files.map(async (file) => {
      const data = await readBytesIfExists(file);
      if (data !== undefined) return parseDockerConfig(data, file);
      if (named.length === 0) return undefined;
      throw new UserError(`there is no file ${file}`, {
        code: "registry-credentials",
        hint: "--registries-config names files in the format of Docker's config.json.",
      });
    }),
  );
  return found.filter((config) => config !== undefined);
}

/** Helpers are asked once for each registry. */
export function credentialsFrom(
  configs: readonly DockerConfig[],
  ask: AskHelper = askHelper,
): AuthorizerOptions["credential"] {
  const asked = new Map<string, ReturnType<AskHelper>>();
  return async ({ registry, repository }, signal) => {
    const credential = credentialFor(configs, registry, repository);
    if (credential?.kind !== "helper") return credential;
    const { helper, server } = credential;
    const key = `${helper} ${server}`;
    const answer = asked.get(key) ?? ask(helper, server, signal);
    asked.set(key, answer);
    return answer;
  };
}
