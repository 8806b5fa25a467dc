// Which image a component runs: the configured one, moved to the configured repository.
// Upstream: pkg/apis/k0s/v1beta1/images.go.

import type { ClusterFields } from "./changing-fields.ts";
import {
  imageDefaults,
  type ImageKey,
  type WindowsImageKey,
  windowsImageDefaults,
} from "./image-defaults.ts";

export type { ImageKey, WindowsImageKey } from "./image-defaults.ts";

type AnyImageKey = ImageKey | WindowsImageKey;

export interface ImageSpec {
  readonly image: string;
  readonly version: string;
}

/** Keys of the images that come inside the file. */
export function imageKeys(): ImageKey[] {
  return Object.keys(imageDefaults) as ImageKey[];
}

/** Keys of those that nodes with Windows pull. */
export function windowsImageKeys(): WindowsImageKey[] {
  return Object.keys(windowsImageDefaults) as WindowsImageKey[];
}

/** `image:version` of a system image. */
export function imageUri(config: ClusterFields<"images">, key: AnyImageKey): string {
  const { image, version } = imageSpec(config, key);
  return `${image}:${version}`;
}

/** Image (moved to `spec.images.repository`, if set) and version. */
export function imageSpec(config: ClusterFields<"images">, key: AnyImageKey): ImageSpec {
  const { repository } = config.spec.images;
  const { image, version } = configuredImage(config, key);
  return { image: withRepository(image, repository ?? ""), version };
}

/** `image:version` of a system image as it is named inside the file. */
export function defaultImageUri(key: ImageKey): string {
  const { image, version } = imageDefaults[key];
  return `${image}:${version}`;
}

/** Replaces the registry of an image, or puts the repository before an image that names none. */
export function withRepository(image: string, repository: string): string {
  if (repository === "" || image.startsWith(repository)) return image;
  const slash = image.indexOf("/");
  const first = slash === -1 ? "" : image.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  return isHost ? repository + image.slice(slash) : `${repository}/${image}`;
}

type Images = ClusterFields<"images">["spec"]["images"];

/** What is at a path like `calico.cni`; undefined where nothing is. */
type FieldAt<Value, Path> = Path extends keyof Value
  ? Value[Path]
  : Path extends `${infer First}.${infer Rest}`
    ? First extends keyof Value
      ? FieldAt<Value[First], Rest>
      : undefined
    : undefined;

/** A key of an image is its path in spec.images: one that is not does not compile where this is called. */
function configuredImage({ spec }: ClusterFields<"images">, key: AnyImageKey): FieldAt<Images, AnyImageKey> {
  let found: unknown = spec.images;
  for (const name of key.split(".")) found = (found as Readonly<Record<string, unknown>>)[name];
  return found as FieldAt<Images, AnyImageKey>;
}
