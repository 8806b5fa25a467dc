import { expect, test } from "bun:test";
import { publishedFeed, releaseSettings, tagProblem } from "./settings.ts";

test("without anything said the release is unsigned and has no feed", () => {
  expect(releaseSettings({ K0S_RELEASE_URL: "" })).toEqual({
    endOfLife: "",
    imageRepository: "localhost/k0s/k0s",
  });
});

test("all that can be said", () => {
  const env = {
    K0S_RELEASE_URL: "https://example.org/releases/",
    K0S_RELEASE_PUBLISHED: "https://example.net/",
    K0S_RELEASE_KEY_FILE: "/dev/shm/key",
    K0S_RELEASE_END_OF_LIFE: "2027-10-28",
    K0S_RELEASE_IMAGE: "registry.example:5000/us/k0s",
  };
  expect(releaseSettings(env)).toEqual({
    url: "https://example.org/releases",
    published: "https://example.net",
    keyFile: "/dev/shm/key",
    endOfLife: "2027-10-28",
    imageRepository: "registry.example:5000/us/k0s",
  });
});

test.each([
  ["K0S_RELEASE_URL", "example.org", "not an http or https URL"],
  // It ends in a script.
  ["K0S_RELEASE_URL", "https://example.org/'; rm", "not an http or https URL"],
  ["K0S_RELEASE_PUBLISHED", "nowhere", "not an http or https URL or none"],
  ["K0S_RELEASE_END_OF_LIFE", "soon", "not a date"],
  ["K0S_RELEASE_IMAGE", "k0s:latest", "not the name of an image"],
])("%s=%s is refused", (name, value, words) => {
  expect(() => releaseSettings({ [name]: value })).toThrow(words);
});

test("the published feed is where the release will be, unless another place or none is named", () => {
  const url = "https://example.org";
  const feed = (published: string): string | undefined =>
    publishedFeed(releaseSettings({ K0S_RELEASE_URL: url, K0S_RELEASE_PUBLISHED: published }));
  expect([feed(""), feed("https://example.net"), feed("none")]).toEqual([
    url,
    "https://example.net",
    undefined,
  ]);
});

test("a tag has to be the version; other tags do not matter", () => {
  expect(tagProblem([], "v1.37.2+k0s.0")).toBeUndefined();
  expect(tagProblem(["nightly", "v1.37.2+k0s.0"], "v1.37.2+k0s.0")).toBeUndefined();
  expect(tagProblem(["v1.37.2+k0s.1"], "v1.37.2+k0s.0")).toBe(
    "the commit is tagged v1.37.2+k0s.1, but its k0s is v1.37.2+k0s.0",
  );
});
