import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { issueCa } from "../../pki/issue.ts";
import { checkNamedFiles } from "./named-files.ts";

test("an authority may have words of any encoding between its certificates", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-named-"));
  try {
    await chmod(dir, 0o755);
    const caFile = join(dir, "ca.crt");
    const { cert } = await issueCa({ cn: "id", expiresMs: 60_000 });
    await writeFile(caFile, Buffer.from(`Autorit\u00e9\n${cert}`, "latin1"), { mode: 0o644 });
    const oidc = { issuerURL: "https://id.example", clientID: "k0s", caFile };
    const schema = clusterConfigSchema({ single: true, dataDir: dir, publicAddress: "192.0.2.1" });
    const config = schema.parse({ spec: { security: { oidc } } });
    expect(await checkNamedFiles(config)).toEqual({ namesAnonymous: false });
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("a log has to be in a place that is open to kube-apiserver", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-named-"));
  try {
    await chmod(dir, 0o755);
    const logFile = join(dir, "audit", "audit.log");
    const schema = clusterConfigSchema({ single: true, dataDir: dir, publicAddress: "192.0.2.1" });
    const config = schema.parse({ spec: { security: { audit: { enabled: true, logFile } } } });
    const refusal = await checkNamedFiles(config).then(
      () => "none",
      (err: unknown) => String(err),
    );
    expect(refusal).toContain(
      `${logFile} (spec.security.audit.logFile) cannot be written: ${dir} is closed to kube-apiserver`,
    );
    // kube-apiserver makes the directory.
    await chmod(dir, 0o777);
    expect(await checkNamedFiles(config)).toEqual({ namesAnonymous: false });
  } finally {
    await rm(dir, { recursive: true });
  }
});
