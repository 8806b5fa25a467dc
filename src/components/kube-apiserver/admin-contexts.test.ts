import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "bun:test";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { furtherContexts, kubeconfigYaml } from "../../kube/kubeconfig.ts";
import { parseYaml } from "../../std/yaml.ts";
import { type AdminFiles, writeContexts } from "./admin-contexts.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

const server = "https://localhost:6443";
const others = [{ name: "controller-c2", server: "https://10.0.0.2:6443" }];
const ca = await issueCa({ cn: "kubernetes-ca", expiresMs: 60_000, keyType: "p256" });
const admin = () => issueLeaf({ ca, cn: "kubernetes-admin", expiresMs: 60_000, keyType: "p256" });
const [old, renewed] = [await admin(), await admin()];
const conf = (pair: typeof old) => kubeconfigYaml({ server, ca: parseTrust(ca.cert, "ca.crt"), ...pair });

/** Renewal writes key, certificate and kubeconfig one after the other; `at` says at which of our calls each of them happens. */
async function interleaved(at: readonly [key: number, cert: number, conf: number]): Promise<string> {
  const disk = { "ca.crt": ca.cert, "admin.crt": old.cert, "admin.key": old.key, conf: conf(old) };
  let calls = 0;
  const tick = (): void => {
    calls++;
    if (calls === at[0]) disk["admin.key"] = renewed.key;
    if (calls === at[1]) disk["admin.crt"] = renewed.cert;
    // It keeps the contexts that it saw.
    if (calls === at[2]) disk.conf = conf(renewed);
  };
  const files: AdminFiles = {
    kubeconfig: async () => (tick(), disk.conf),
    pki: async (name) => (tick(), disk[name]),
    write: async (text) => {
      tick();
      disk.conf = text;
    },
  };
  // Looks come every 20 s: what one leaves undone is done by the next.
  await writeContexts(files, server, others);
  while (calls < at[2]) tick();
  await writeContexts(files, server, others);
  return disk.conf;
}

test("whenever a renewal comes, admin.conf has a certificate with its own key, the contexts, and no old certificate for long", async () => {
  for (let key = 1; key <= 7; key++) {
    for (let cert = key; cert <= 8; cert++) {
      for (let end = cert; end <= 9; end++) {
        const text = await interleaved([key, cert, end]);
        const { users } = parseYaml(text) as { users: { user: Record<string, string> }[] };
        const pem = (field: string) => Buffer.from(users[0]?.user[field] ?? "", "base64").toString();
        const certificate = pem("client-certificate-data");
        const matches = new X509Certificate(certificate).checkPrivateKey(
          createPrivateKey(pem("client-key-data")),
        );
        expect([key, cert, end, matches, certificate === renewed.cert, furtherContexts(text)]).toEqual([
          key,
          cert,
          end,
          true,
          true,
          others,
        ]);
      }
    }
  }
});

test("nothing is written where nothing changes", async () => {
  let writes = 0;
  const files = (text: string | undefined): AdminFiles => ({
    kubeconfig: async () => text,
    pki: async (name) => ({ "ca.crt": ca.cert, "admin.crt": old.cert, "admin.key": old.key })[name],
    write: async () => void writes++,
  });
  expect(await writeContexts(files(undefined), server, others)).toBe(false);
  expect(await writeContexts(files(conf(old)), server, [])).toBe(false);
  expect(writes).toBe(0);
  expect(await writeContexts(files(conf(old)), server, others)).toBe(true);
  expect(writes).toBe(1);
});
