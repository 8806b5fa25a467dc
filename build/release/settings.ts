// What a release is told by its environment. The key comes as a file: what is in arguments, others can read.

import { UserError } from "../../src/std/errors.ts";

export interface ReleaseSettings {
  /** Below it are the folders of the versions; without it there is no feed. */
  readonly url?: string;
  /** Where the feed is that must not be taken back; absent: at `url`; `none`: nothing is published yet. */
  readonly published?: string;
  readonly keyFile?: string;
  /** Last day of support, for the feed. */
  readonly endOfLife: string;
  /** Of the container image, without a tag. */
  readonly imageRepository: string;
}

export const settingNames = {
  url: "K0S_RELEASE_URL",
  published: "K0S_RELEASE_PUBLISHED",
  keyFile: "K0S_RELEASE_KEY_FILE",
  endOfLife: "K0S_RELEASE_END_OF_LIFE",
  imageRepository: "K0S_RELEASE_IMAGE",
} as const;

export function releaseSettings(env: Readonly<Record<string, string | undefined>>): ReleaseSettings {
  const given = (name: keyof typeof settingNames): string | undefined => env[settingNames[name]] || undefined;
  const url = given("url");
  const keyFile = given("keyFile");
  const endOfLife = given("endOfLife") ?? "";
  const published = given("published");
  if (url !== undefined && !isUrl(url)) refuse("url", url, "an http or https URL");
  if (published !== undefined && published !== "none" && !isUrl(published))
    refuse("published", published, "an http or https URL or none");
  if (!/^(\d{4}-\d{2}-\d{2})?$/.test(endOfLife)) refuse("endOfLife", endOfLife, "a date like 2027-10-28");
  const imageRepository = given("imageRepository") ?? "localhost/k0s/k0s";
  if (!/^[a-z0-9.:-]+(\/[a-z0-9._-]+)+$/.test(imageRepository))
    refuse("imageRepository", imageRepository, "the name of an image without a tag");
  return {
    ...(url === undefined ? {} : { url: url.replace(/\/+$/, "") }),
    ...(published === undefined ? {} : { published: published.replace(/\/+$/, "") }),
    ...(keyFile === undefined ? {} : { keyFile }),
    endOfLife,
    imageRepository,
  };
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[^\s'"\\]+$/.test(text);
}

/** Where the feed of earlier releases is, if there may be one. */
export function publishedFeed({ url, published = url }: ReleaseSettings): string | undefined {
  return published === "none" ? undefined : published;
}

function refuse(name: keyof typeof settingNames, value: string, wanted: string): never {
  throw new UserError(`${settingNames[name]} is ${value}, which is not ${wanted}`, {
    code: "release-setting",
  });
}

/** Whether these tags of the commit forbid to call what it makes `version`. */
export function tagProblem(tags: readonly string[], version: string): string | undefined {
  const others = tags.filter((tag) => /^v\d/.test(tag));
  if (others.length === 0 || others.includes(version)) return undefined;
  return `the commit is tagged ${others.join(", ")}, but its k0s is ${version}`;
}
