// Certificates for a test API server, made by openssl so that nothing under test vouches for itself.

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseTrust, type TrustBundle } from "../../../src/std/trust-bundle.ts";

const exec = promisify(execFile);

export interface TestPki {
  readonly ca: TrustBundle;
  path(name: string): string;
  /** A client certificate. */
  issue(commonName: string, organizations: readonly string[]): Promise<{ cert: string; key: string }>;
  /** Some other CA, which signed nothing. */
  foreignCa(): Promise<TrustBundle>;
}

export async function createTestPki(dir: string): Promise<TestPki> {
  await mkdir(dir, { recursive: true });
  const path = (name: string): string => join(dir, name);
  const openssl = async (...args: string[]): Promise<void> =>
    void (await exec("openssl", args, { cwd: dir }));
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const newCa = (name: string) =>
    openssl(
      "req",
      "-x509",
      ...newKey,
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.crt`,
    );

  await Promise.all([newCa("ca"), openssl("genrsa", "-out", "sa.key", "2048")]);
  let serial = 0;
  const sign = async (name: string, subject: string, extensions: string): Promise<void> => {
    await writeFile(path(`${name}.ext`), extensions);
    await openssl("req", ...newKey, "-subj", subject, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const issuer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", String(++serial), "-days", "1"];
    await openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...issuer,
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.crt`,
    );
  };
  await sign(
    "server",
    "/CN=kube-apiserver",
    "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth\n",
  );

  return {
    ca: parseTrust(await readFile(path("ca.crt"), "utf8"), "ca.crt"),
    path,
    async issue(commonName, organizations) {
      const name = `client-${serial + 1}`;
      const subject = [...organizations.map((o) => `/O=${o}`), `/CN=${commonName}`].join("");
      await sign(name, subject, "extendedKeyUsage=clientAuth\n");
      return {
        cert: await readFile(path(`${name}.crt`), "utf8"),
        key: await readFile(path(`${name}.key`), "utf8"),
      };
    },
    async foreignCa() {
      await newCa("foreign");
      return parseTrust(await readFile(path("foreign.crt"), "utf8"), "foreign.crt");
    },
  };
}
