// The keys, and the file that kube-apiserver reads. A key follows from the key of the cluster's CA and its own name, so that all
// controllers have it without ever sending it to each other, as that of docs/adr/0049: anyone who has the CA's key may read every
// Secret through the API anyway.

import { createHash, hkdfSync } from "node:crypto";
import { secretNumbers } from "../../pki/kubelet-serving-key.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { plain, type Ring } from "./ring.ts";

function keyNamed(caKeyPem: string, name: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretNumbers(caKeyPem), name, "k0s secrets encryption 1", 32));
}

/** By which controllers tell whether they mean the same keys: says nothing of the keys themselves. */
export function keysMark(caKeyPem: string): string {
  return createHash("sha256").update(keyNamed(caKeyPem, "mark")).digest("hex").slice(0, 16);
}

/** An EncryptionConfiguration. */
export function encryptionConfiguration(caKeyPem: string, { providers }: Pick<Ring, "providers">): string {
  const secretbox = (name: string): object => ({
    secretbox: { keys: [{ name, secret: keyNamed(caKeyPem, name).toString("base64") }] },
  });
  return dumpYaml({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: providers.map((name) => (name === plain ? { identity: {} } : secretbox(name))),
      },
    ],
  });
}

/** As kube-apiserver names the content of the file that it works with. */
export function contentHash(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Whether kube-apiserver, of whose metrics this is the text, works with that content. */
export function worksWith(metrics: string, hash: string): boolean {
  const line = /^apiserver_encryption_config_controller_last_config_info\{.*$/gm;
  return (metrics.match(line) ?? []).some((found) => found.includes(`hash="${hash}"`));
}
