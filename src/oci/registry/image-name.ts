// What an image is called, and where that leads: `busybox` is `docker.io/library/busybox:latest`.
// Upstream: github.com/distribution/reference.

import { UserError } from "../../std/errors.ts";
import { normalizeRef } from "../docker-archive.ts";

export interface ImageName {
  /** As images are named, e.g. `docker.io`, `registry.example:5000`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const host = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const part = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const repositoryName = new RegExp(`^${part}(?:/${part})*$`);
const tagName = /^\w[\w.-]{0,127}$/;
const digestName = /^sha256:[0-9a-f]{64}$/;

/** Throws a UserError for what is not the name of an image. */
export function parseImageName(text: string): ImageName {
  const [named = "", digest, ...more] = text.split("@");
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  const full = normalizeRef(colon === -1 ? named : named.slice(0, colon));
  const slash = full.indexOf("/");
  const registry = full.slice(0, slash).replace(/^index\.docker\.io$/, "docker.io");
  const name = {
    registry,
    repository: full.slice(slash + 1),
    tag: tag ?? (digest === undefined ? "latest" : undefined),
    digest,
  };
  const isName =
    more.length === 0 &&
    host.test(registry) &&
    repositoryName.test(name.repository) &&
    (name.tag === undefined || tagName.test(name.tag)) &&
    (digest === undefined || digestName.test(digest));
  if (!isName)
    throw new UserError(`${JSON.stringify(text)} is not the name of an image`, { code: "image-name" });
  return name;
}

/** With everything that it says. */
export function imageNameText({ registry, repository, tag, digest }: ImageName): string {
  return [
    `${registry}/${repository}`,
    ...(tag === undefined ? [] : [`:${tag}`]),
    ...(digest === undefined ? [] : [`@${digest}`]),
  ].join("");
}

/** The names by which a bundle holds it, so that a pod finds it by any: in full, by its tag, by its digest. */
export function namesInBundle(name: ImageName): string[] {
  const forms = [
    name,
    ...(name.tag === undefined ? [] : [{ ...name, digest: undefined }]),
    ...(name.digest === undefined ? [] : [{ ...name, tag: undefined }]),
  ];
  return [...new Set(forms.map(imageNameText))];
}

/** The host that serves the images of a registry. */
export function apiHost(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : registry;
}
