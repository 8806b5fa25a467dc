import { expect, test } from "bun:test";
import { withoutSecrets } from "./without-secrets.ts";

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
