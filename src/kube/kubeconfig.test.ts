// What is written is read again as it was meant.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { furtherContexts, kubeconfigYaml, parseKubeconfig, readKubeconfig } from "./kubeconfig.ts";
import { anchor, otherAnchor } from "../std/testdata/anchors.ts";
import { joinTrust } from "../std/trust-bundle.ts";

const server = "https://10.0.0.1:6443";
const base = { server, ca: joinTrust(anchor, otherAnchor) };

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-kubeconfig-"));
});
afterAll(() => rm(dir, { recursive: true }));

describe("the identity", () => {
  test("is a certificate in the file", async () => {
    const text = kubeconfigYaml({ ...base, cert: "CERT\n", key: "KEY\n" });
    expect(await parseKubeconfig(text, "x")).toMatchObject({
      ...base,
      user: "user",
      cert: "CERT\n",
      key: "KEY\n",
    });
  });

  test("is a token, with facts beside it", async () => {
    const extensions = [{ extension: { at: "soon" }, name: "example/fact" }];
    const text = kubeconfigYaml({ ...base, token: "t", user: "somebody", extensions });
    expect(await parseKubeconfig(text, "x")).toMatchObject({
      ...base,
      user: "somebody",
      token: "t",
      extensions,
    });
  });

  test("is in a file beside it, named relative to it", async () => {
    await writeFile(join(dir, "both.pem"), "CERT and KEY\n");
    await writeFile(join(dir, "conf"), kubeconfigYaml({ ...base, certificateFile: "both.pem" }));
    expect(await readKubeconfig(join(dir, "conf"))).toMatchObject({
      cert: "CERT and KEY\n",
      key: "CERT and KEY\n",
    });
  });

  test("is not left out", () => {
    expect(() => kubeconfigYaml({ ...base, cert: "CERT\n" })).toThrow(
      "needs a token, or a certificate and its key",
    );
  });
});

test("the text, field by field, as client-go writes it", () => {
  const others = [{ name: "controller-b", server: "https://10.0.0.2:6443" }];
  const data = Buffer.from(base.ca.pem).toString("base64");
  expect(kubeconfigYaml({ ...base, token: "t", namespace: "default", others })).toBe(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${data}
    server: https://10.0.0.1:6443
  name: local
- cluster:
    certificate-authority-data: ${data}
    server: https://10.0.0.2:6443
  name: controller-b
contexts:
- context:
    cluster: local
    namespace: default
    user: user
  name: Default
- context:
    cluster: controller-b
    user: user
  name: controller-b
current-context: Default
kind: Config
preferences: {}
users:
- name: user
  user:
    token: t
`);
});

test("further contexts are those after the first; a damaged file has none", () => {
  const others = [{ name: "controller-b", server: "https://10.0.0.2:6443" }];
  expect(furtherContexts(kubeconfigYaml({ ...base, token: "t", others }))).toEqual(others);
  for (const text of ["\t: {damaged", "clusters: 3", ""]) expect(furtherContexts(text)).toEqual([]);
});

test("somebody else's extensions, whatever they are, are no reason to fail", async () => {
  const text = kubeconfigYaml({ ...base, token: "t", namespace: "n" }).replace(
    "namespace: n",
    "extensions: odd",
  );
  expect((await parseKubeconfig(text, "x")).extensions).toEqual([]);
});

test("a CA that is none is said", async () => {
  const data = Buffer.from(base.ca.pem).toString("base64");
  const text = kubeconfigYaml({ ...base, token: "t" }).replace(data, "Q0EK");
  expect(parseKubeconfig(text, "the file")).rejects.toThrow(
    "the CA of the file cannot be used as certificates of authorities: it holds no certificate",
  );
});

test("what is wrong is said by path", async () => {
  const text = kubeconfigYaml({ ...base, token: "t" });
  expect(parseKubeconfig(text.replace(`server: ${server}`, "server: 3"), "the file")).rejects.toThrow(
    /^the file is not a kubeconfig:.*\n.*at clusters\[0\]\.cluster\.server/,
  );
  expect(
    parseKubeconfig(text.replace("current-context: Default", "current-context: x"), "the file"),
  ).rejects.toThrow("the file: its current context names no cluster or user in it");
});
