import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { usedCertificates } from "../../pki/used-certificates.ts";
import { certificateProblems } from "../problems/certificates.ts";
import { observeHost } from "./host.ts";

const day = 86_400_000;

test("a certificate in the folder of the PKI that nothing uses is no problem, whether it is over or damaged", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-host-watch-"));
  const paths = { pkiDir: dir, etcdPkiDir: join(dir, "etcd") };
  const config = configDefaultsFor({ single: true, dataDir: "/data", publicAddress: "10.0.0.1" });
  const use = { paths, config, konnectivity: false, joinApi: false };
  const look = async (konnectivity: boolean) => {
    const certificates = usedCertificates({ ...use, konnectivity });
    const seen = await observeHost({
      directories: [],
      certificates,
      kubeletPkiDir: undefined,
      fileFaults: () => Promise.resolve([]),
    });
    const later = new Date(Date.now() + 20 * day);
    const problems = certificateProblems(seen.certificates, later).map(({ text }) => text);
    return { problems, damaged: seen.damaged };
  };
  try {
    const ca = await issueCa({ cn: "ca", expiresMs: 1_000 * day });
    const [long, short] = await Promise.all(
      [900, 10].map((days) => issueLeaf({ ca, cn: "leaf", o: [], expiresMs: days * day })),
    );
    await mkdir(paths.etcdPkiDir);
    await writeFile(join(dir, "ca.crt"), ca.cert);
    await writeFile(join(dir, "server.crt"), long!.cert);
    // Left by a person, by an etcd of before, by konnectivity before it was turned off.
    await writeFile(join(dir, "somebody.crt"), short!.cert);
    await writeFile(join(dir, "damaged.crt"), "no certificate");
    await writeFile(join(paths.etcdPkiDir, "peer.crt"), short!.cert);
    await writeFile(join(dir, "konnectivity.crt"), short!.cert);
    expect(await look(false)).toEqual({ problems: [], damaged: [] });
    expect((await look(true)).problems).toEqual([
      expect.stringContaining(`the certificate ${dir}/konnectivity.crt ended on `),
    ]);
    await writeFile(join(dir, "server.crt"), "no certificate");
    expect((await look(false)).damaged).toEqual([join(dir, "server.crt")]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
