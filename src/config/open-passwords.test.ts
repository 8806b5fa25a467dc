import { expect, test } from "bun:test";
import { openPasswords } from "./open-passwords.ts";

const of = (...repositories: unknown[]) => openPasswords({ extensions: { helm: { repositories } } });

test("passwords in fields and in URLs of Helm repositories are named, not shown", () => {
  const secret = { name: "a", url: "https://a.example", configFrom: { secretRef: { name: "s" } } };
  expect(
    of(
      secret,
      { url: "https://u:pw@b.example", password: "pw" },
      { url: "oci://c.example:5000", username: "u" },
    ),
  ).toEqual(["spec.extensions.helm.repositories[1].password", "spec.extensions.helm.repositories[1].url"]);
});

test("an object that is not as it should be has none that would be found", () => {
  for (const spec of [undefined, null, [], { extensions: { helm: { repositories: {} } } }])
    expect(openPasswords(spec)).toEqual([]);
  expect(of(null, "x", { password: "" })).toEqual([]);
});
