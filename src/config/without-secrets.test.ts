import { expect, test } from "bun:test";
import { withoutSecrets, withoutUrlPasswords } from "./without-secrets.ts";

test("passwords are blotted out, wherever they stand", () => {
  const shown = withoutSecrets({
    storage: { kine: { dataSource: "postgres://k0s:s3cret@db/k0s" } },
    repositories: [{ name: "a", username: "b", password: "s3cret" }],
    vrrpInstances: [{ authPass: "s3cret", virtualIPs: ["10.0.0.9/24"] }],
  });
  expect(shown).toEqual({
    storage: { kine: { dataSource: "postgres://k0s:xxxxx@db/k0s" } },
    repositories: [{ name: "a", username: "b", password: "xxxxx" }],
    vrrpInstances: [{ authPass: "xxxxx", virtualIPs: ["10.0.0.9/24"] }],
  });
});

test.each([
  ["http://me:pa@ss/w@rd@proxy:3128", "http://me:xxxxx@proxy:3128"],
  ["https://9f86d081884c7d65@git.example/x", "https://xxxxx@git.example/x"],
  ["http://tok@proxy:3128", "http://xxxxx@proxy:3128"],
  ["http://u:a'x@host", "http://u:xxxxx@host"],
  [`http://u:a"x@host`, "http://u:xxxxx@host"],
  ["http://u:12345@host", "http://u:xxxxx@host"],
])("%s loses what stands before its host", (url, shown) => {
  expect(withoutUrlPasswords(`proxy ${url} end`)).toBe(`proxy ${shown} end`);
});

test.each([
  "https://host:6443/path",
  `{"a":"http://host:80","b":"me@host"}`,
  "reg:5000/image@sha256:abc https://reg/image@sha256:abc me@host",
])("%s stays", (text) => expect(withoutUrlPasswords(text)).toBe(text));
