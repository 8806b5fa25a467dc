// Credentials for registries from Docker's config.json and its like (`docker login`, `podman login`, Kubernetes Secrets of
// the type dockerconfigjson). Pure.

import * as z from "zod";
import { UserError } from "../../std/errors.ts";
import { parseJson } from "../json-blob.ts";

export type Credential =
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** Exchanged for one that is valid for a repository. */
  | { readonly kind: "identity-token"; readonly token: string }
  | { readonly kind: "registry-token"; readonly token: string }
  /** `docker-credential-NAME` knows it, under this address. */
  | { readonly kind: "helper"; readonly helper: string; readonly server: string };

const entrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
});

const configSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});

export type DockerConfig = z.output<typeof configSchema>;

/** Throws a UserError that names the file, and never what is in it. */
export function parseDockerConfig(data: Uint8Array, source: string): DockerConfig {
  return parseJson(data, configSchema, source);
}

/**
 * Of the first of the files that has any; the longest name of a repository counts more than that of the registry. A store
 * for all registries is asked when no file names this one: of it nobody knows what it has.
 */
export function credentialFor(
  configs: readonly DockerConfig[],
  registry: string,
  repository: string,
): Credential | undefined {
  for (const config of configs) {
    const found = credentialIn(config, registry, repository);
    if (found !== undefined) return found;
  }
  const store = configs.map(({ credsStore = "" }) => credsStore).find((name) => name !== "");
  return store === undefined ? undefined : { kind: "helper", helper: store, server: serverOf(registry) };
}

function credentialIn(config: DockerConfig, registry: string, repository: string): Credential | undefined {
  const { auths = {}, credHelpers = {} } = config;
  const parts = repository.split("/");
  const scopes = parts.map((_, index) => [registry, ...parts.slice(0, parts.length - index)].join("/"));
  for (const scope of [...scopes, registry]) {
    const helper = Object.entries(credHelpers).find(([key]) => scopeOf(key) === scope)?.[1];
    if (helper !== undefined) return { kind: "helper", helper, server: serverOf(scope) };
    for (const [key, entry] of Object.entries(auths)) {
      const credential = scopeOf(key) === scope ? credentialOf(entry, key) : undefined;
      if (credential !== undefined) return credential;
    }
  }
  return undefined;
}

function credentialOf(entry: z.output<typeof entrySchema>, key: string): Credential | undefined {
  const { auth = "", username = "", password = "", identitytoken = "", registrytoken = "" } = entry;
  if (identitytoken !== "") return { kind: "identity-token", token: identitytoken };
  if (registrytoken !== "") return { kind: "registry-token", token: registrytoken };
  if (username !== "") return { kind: "password", username, password };
  if (auth === "") return undefined;
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1)
    throw new UserError(
      `the credentials for ${key} cannot be read: auth is not the Base64 of user:password`,
      {
        code: "registry-credentials",
      },
    );
  // Docker itself ends it with a zero now and then.
  return {
    kind: "password",
    username: text.slice(0, colon),
    password: text.slice(colon + 1).replace(/\0+$/, ""),
  };
}

/** `https://index.docker.io/v1/` is `docker.io`, `https://registry.example/v2/` is `registry.example`. */
function scopeOf(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/(v1|v2)?\/?$/, "");
  return bare.replace(/^(index\.docker\.io|registry-1\.docker\.io)(?=\/|$)/, "docker.io");
}

/** As Docker calls the registry when it asks a helper. */
function serverOf(scope: string): string {
  return scope === "docker.io" ? "https://index.docker.io/v1/" : scope;
}
