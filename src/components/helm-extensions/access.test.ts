import { expect, test } from "bun:test";
import { repositoryAccess, secretsOf } from "./access.ts";

const secret = (data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: {},
  data: Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
  ),
});

test("keys of the Secret win over fields", () => {
  const repository = { url: "https://a", username: "u", password: "p", caFile: "/ca", insecure: true };
  expect(repositoryAccess(repository)).toEqual({
    url: "https://a",
    username: "u",
    password: "p",
    ca: { path: "/ca" },
    cert: undefined,
    key: undefined,
    insecure: true,
    plainHttp: false,
  });
  const given = secret({
    url: "https://b",
    password: "q",
    "ca.crt": "CA",
    "tls.key": "KEY",
    insecure: "false",
    plainHTTP: "1",
  });
  expect(repositoryAccess(repository, given)).toEqual({
    url: "https://b",
    username: "u",
    password: "q",
    ca: { pem: "CA" },
    cert: undefined,
    key: { pem: "KEY" },
    insecure: false,
    plainHttp: true,
  });
  expect(() => repositoryAccess(repository, secret({ insecure: "perhaps" }))).toThrow(
    "neither true nor false",
  );
});

test("user and password in the URL do not stay there", () => {
  const access = repositoryAccess({ url: "https://u:p%2Fq@a/charts" });
  expect(access).toMatchObject({ url: "https://a/charts", username: "u", password: "p/q" });
  expect(secretsOf(access)).toEqual(["p/q", "p%2Fq", btoa("u:p/q")]);
  expect(secretsOf(repositoryAccess({ url: "https://a" }))).toEqual([]);
  const odd = repositoryAccess({ url: "https://u:100%+&=%C3%A9@a" });
  expect(odd).toMatchObject({ url: "https://a/", username: "u", password: "100%+&=é" });
});
