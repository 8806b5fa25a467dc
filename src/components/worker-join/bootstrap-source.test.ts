import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeJoinToken } from "../../token/join-token.ts";
import { bootstrapCredentials } from "./bootstrap-source.ts";
import { anchor } from "../../std/testdata/anchors.ts";

let dir = "";
const at = (name: string) => join(dir, name);
const token = encodeJoinToken({
  server: "https://given.example:6443",
  ca: anchor,
  token: "abc123.0123456789abcdef",
  role: "worker",
  expires: undefined,
});
const kubeconfig = `clusters: [{ name: c, cluster: { server: "https://stray.example:6443" } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
users: [{ name: u, user: { token: t } }]
current-context: x
`;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-bootstrap-"));
  await writeFile(at("token"), token);
  await writeFile(at("stray.conf"), kubeconfig);
});
afterAll(() => rm(dir, { recursive: true }));

const file = (name: string) => ({ kind: "file", path: at(name) }) as const;
const stray = () => ({ kubeletBootstrapKubeconfig: at("stray.conf") });
const none = () => ({ kubeletBootstrapKubeconfig: at("none.conf") });

test("a token that was given wins over a stray file, which is named", async () => {
  for (const source of [file("token"), { kind: "value", token, from: "argument" } as const]) {
    const found = await bootstrapCredentials(stray(), source);
    expect(found).toMatchObject({ connection: { server: "https://given.example:6443" } });
    expect(found.passedOver).toBe(at("stray.conf"));
  }
});

test("the file counts where no token was given, and where its file is gone", async () => {
  for (const source of [undefined, file("gone")]) {
    const found = await bootstrapCredentials(stray(), source);
    expect(found).toMatchObject({ connection: { server: "https://stray.example:6443" } });
    expect(found.passedOver).toBeUndefined();
  }
});

test("without the file nothing is passed over, and without both it cannot join", async () => {
  expect((await bootstrapCredentials(none(), file("token"))).passedOver).toBeUndefined();
  expect(bootstrapCredentials(none(), file("gone"))).rejects.toThrow("there is no such file");
  expect(bootstrapCredentials(none(), undefined)).rejects.toThrow("no join token was given");
});
