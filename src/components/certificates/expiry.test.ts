import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf } from "../../pki/issue.ts";
import { expiryText } from "./expiry.ts";

const day = 86_400_000;
const files = (dir: string): string[] => ["ca.crt", "leaf.crt"].map((name) => join(dir, name));

test("the certificate that ends first counts, an authority only if it is that one", async () => {
  const dir = await mkdtemp(join(tmpdir(), "k0s-expiry-"));
  try {
    expect(await expiryText(files(dir), new Date())).toBeUndefined();
    const ca = await issueCa({ cn: "ca", expiresMs: 100 * day });
    const leaf = await issueLeaf({ ca, cn: "leaf", o: [], expiresMs: 10 * day });
    await writeFile(join(dir, "ca.crt"), ca.cert);
    await writeFile(join(dir, "leaf.crt"), leaf.cert);
    // Nobody uses it.
    const unused = await issueLeaf({ ca, cn: "leaf", o: [], expiresMs: day });
    await writeFile(join(dir, "old.crt"), unused.cert);
    expect(await expiryText(files(dir), new Date())).toBe(
      "certificates in 9 d (renewed by k0s at 60 % of their life left)",
    );
    expect(await expiryText(files(dir), new Date(Date.now() + 9.5 * day))).toStartWith(
      "certificates in 11 h",
    );
    expect(await expiryText(files(dir), new Date(Date.now() + 20 * day))).toContain("leaf.crt ended on ");
    await rm(join(dir, "leaf.crt"));
    expect(await expiryText(files(dir), new Date())).toBe(
      `authority ${dir}/ca.crt in 99 d (not renewed by k0s)`,
    );
  } finally {
    await rm(dir, { recursive: true });
  }
});
