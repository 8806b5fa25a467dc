import { expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../os/exec.ts";

/** Of an installation whose k0s kept no record, on a disk of its own that `prepare` has spoilt. */
async function reset(prepare: string): Promise<Record<string, unknown> & { readonly dir: string }> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-full-")));
  const script = `
    cd ${dir} && mkdir k0s && mount -t tmpfs -o size=64k t k0s && mkdir -p k0s/bin k0s/images
    echo '{"part":"etcd","sha256":"x","dir":"${dir}/k0s/bin","files":[]}' >k0s/bin/.part-etcd.json
    echo x >k0s/worker-profile.yaml
    ${prepare}
    exec ${process.execPath} ${join(import.meta.dir, "testdata", "full-and-read-only.ts")} ${dir}`;
  try {
    const result = await run("unshare", ["--mount", "--propagation", "private", "sh", "-ec", script]);
    expect(result.stderr).toBe("");
    return { ...JSON.parse(result.stdout), dir };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test("a full disk: the programs prove the installation in place of the record, and go last", async () => {
  const filled = await reset(
    "(dd if=/dev/zero of=k0s/images/bundle bs=1k count=100 2>&1 || true) | grep -q space",
  );
  expect(filled).toMatchObject({
    noted: false,
    own: [{ path: `${filled.dir}/k0s`, entries: ["images", "worker-profile.yaml"], proof: "bin" }],
    erasable: "yes",
  });
}, 60_000);

test("with room the record is the proof", async () => {
  const roomy = await reset("true");
  expect(roomy).toMatchObject({
    noted: true,
    own: [{ entries: ["bin", "images", "worker-profile.yaml"], proof: "installation.json" }],
  });
}, 60_000);

test("a read-only disk: said before anything is changed, with what to do", async () => {
  const fixed = await reset("mount -o remount,ro k0s");
  expect(fixed["erasable"]).toMatchObject({
    code: "not-erasable",
    hint: `Nothing was changed. Make it writable, e.g. \`mount -o remount,rw ${fixed.dir}/k0s\`, and run k0s reset again.`,
  });
}, 60_000);
