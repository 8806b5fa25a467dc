import { expect, test } from "bun:test";
import { errorMessage } from "../../std/errors.ts";
import { parseChallenges } from "./challenge.ts";
import { askHelper } from "./credential-helper.ts";
import { credentialFor, parseDockerConfig } from "./docker-config.ts";

const config = (value: object) =>
  parseDockerConfig(new TextEncoder().encode(JSON.stringify(value)), "config.json");
const password = (username: string, secret = "p") => ({ kind: "password", username, password: secret });
const of = (value: object, registry = "registry.example", repository = "team/shop") =>
  credentialFor([config(value)], registry, repository);

test("an entry is found however the registry is written", () => {
  for (const key of [
    "registry.example",
    "https://registry.example",
    "https://registry.example/v2/",
    "http://registry.example/",
  ])
    expect(of({ auths: { [key]: { auth: btoa("u:p:q") } } })).toMatchObject(password("u", "p:q"));
  expect(
    of({ auths: { "https://index.docker.io/v1/": { username: "u", password: "p" } } }, "docker.io"),
  ).toMatchObject(password("u"));
  expect(of({ auths: { "other.example": { auth: btoa("u:p") } } })).toBeUndefined();
});

test("the longest name of a repository counts, then the registry, then the first file", () => {
  const auths = {
    "registry.example": { auth: btoa("all:p") },
    "registry.example/team": { auth: btoa("team:p") },
  };
  expect(of({ auths })).toMatchObject(password("team"));
  expect(of({ auths }, "registry.example", "teams/shop")).toMatchObject(password("all"));
  const two = [
    config({}),
    config({ auths }),
    config({ auths: { "registry.example": { auth: btoa("later:p") } } }),
  ];
  expect(credentialFor(two, "registry.example", "x")).toMatchObject(password("all"));
});

test("helpers and tokens", () => {
  expect(of({ credHelpers: { "registry.example": "pass" }, auths: { "registry.example": {} } })).toEqual({
    kind: "helper",
    helper: "pass",
    server: "registry.example",
  });
  expect(of({ credsStore: "desktop", auths: { "docker.io": {} } }, "docker.io")).toMatchObject({
    helper: "desktop",
    server: "https://index.docker.io/v1/",
  });
  expect(of({ auths: { "registry.example": { auth: btoa("u:"), identitytoken: "t" } } })).toEqual({
    kind: "identity-token",
    token: "t",
  });
});

test("what a later file says of a registry counts more than an earlier one's store for all of them", () => {
  const files = [
    config({ credsStore: "", auths: {} }),
    config({ credsStore: "desktop", auths: { "registry.example": {} } }),
    config({ auths: { "quay.io": { auth: btoa("podman:p") } }, credHelpers: { "r.example": "pass" } }),
    config({ credsStore: "later" }),
  ];
  expect(credentialFor(files, "quay.io", "a")).toMatchObject(password("podman"));
  expect(credentialFor(files, "r.example", "a")).toMatchObject({ helper: "pass" });
  for (const registry of ["registry.example", "other.example"])
    expect(credentialFor(files, registry, "a")).toEqual({
      kind: "helper",
      helper: "desktop",
      server: registry,
    });
});

test("what is wrong is said without the secret", () => {
  const secret = btoa("no colon here");
  expect(() => of({ auths: { "registry.example": { auth: secret } } })).toThrow(
    "the credentials for registry.example cannot be read",
  );
  expect(() => parseDockerConfig(new TextEncoder().encode("{"), "config.json")).toThrow(
    "config.json is not JSON",
  );
});

test("a helper that is not there is named", async () => {
  const said = await askHelper("absent-here", "registry.example", new AbortController().signal).catch(
    errorMessage,
  );
  expect(said).toBe(
    "docker-credential-absent-here gives no credentials for registry.example: there is no such program in PATH",
  );
});

test("challenges are read as registries write them", () => {
  expect(
    parseChallenges('Bearer realm="https://a/t?x=1,2",service="a b", scope="repository:x:pull,push"'),
  ).toEqual([
    {
      scheme: "bearer",
      parameters: { realm: "https://a/t?x=1,2", service: "a b", scope: "repository:x:pull,push" },
    },
  ]);
  expect(parseChallenges('Basic realm="a \\"b\\"", Bearer realm=x').map(({ scheme }) => scheme)).toEqual([
    "basic",
    "bearer",
  ]);
  expect(parseChallenges("Negotiate")).toEqual([{ scheme: "negotiate", parameters: {} }]);
  expect(parseChallenges("")).toEqual([]);
});
