// A release of the file under test: complete, signed so that OpenSSL agrees, and installed by its own script from a server
// that has nothing but its files.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostPlatform } from "../../build/platform.ts";
import { checksumsFile, platformFiles } from "../../build/release/file-names.ts";
import { makeRelease } from "../../build/release/release-target.ts";
import { run, type RunOptions, type RunResult } from "../../src/os/exec.ts";
import { k0sVersion } from "../../src/product/versions.ts";
import { silentProgress } from "../../src/std/progress.ts";
import { parseYaml } from "../../src/std/yaml.ts";

const k0s = join(import.meta.dir, "../../dist/k0s");
const files = platformFiles(k0sVersion, hostPlatform());
const vmImages = [files.vmImageRaw, files.vmImageQcow2, files.vmImageSbom];
let dir = "";
let place = "";
let server: Bun.Server<undefined>;

const shell = (script: string, options: RunOptions = {}): Promise<RunResult> =>
  run("/bin/sh", ["-ec", script], { cwd: join(place, k0sVersion), timeoutMs: 300_000, ...options });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-release-"));
  place = join(dir, "release");
  const keyFile = join(dir, "key");
  await run("openssl", [
    "genpkey",
    "-algorithm",
    "EC",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-out",
    keyFile,
  ]);
  await chmod(keyFile, 0o600);
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async ({ url }) => {
      const file = Bun.file(join(place, decodeURIComponent(new URL(url).pathname)));
      return (await file.exists()) ? new Response(file) : new Response(null, { status: 404 });
    },
  });
  const disks = join(dir, "vm-images");
  await mkdir(disks);
  const another = platformFiles("v1.0.0+k0s.0", hostPlatform()).vmImageQcow2;
  for (const name of [...vmImages, another]) await writeFile(join(disks, name), "disk");
  const url = `http://127.0.0.1:${server.port}`;
  await makeRelease({
    place,
    vmImages: disks,
    settings: { url, keyFile, endOfLife: "2027-10-28", imageRepository: "localhost/k0s/k0s" },
    signal: AbortSignal.timeout(600_000),
    report: silentProgress,
  });
}, 900_000);

afterAll(async () => {
  await server.stop(true);
  await rm(dir, { recursive: true, force: true });
});

test("every file is there, in the list of sums, and signed by the key", async () => {
  const names = await readdir(join(place, k0sVersion));
  const listed = [...Object.values(files), "cosign.pub", "install.sh"];
  const sums = await readFile(join(place, k0sVersion, checksumsFile), "utf8");
  const ofThisHost = sums.split("\n").flatMap((line) => line.split("  ").slice(1));
  expect(ofThisHost).toEqual(expect.arrayContaining(listed));
  expect(sums).not.toContain("v1.0.0");
  expect(names.filter((name) => !name.endsWith(".sig")).toSorted()).toEqual(
    [...ofThisHost, checksumsFile].toSorted(),
  );
  const verify = `sha256sum --check --strict --quiet ${checksumsFile}
for file in *; do
  case "$file" in *.sig) continue ;; esac
  openssl base64 -d -A -in "$file.sig" -out ${dir}/der
  openssl dgst -sha256 -verify cosign.pub -signature ${dir}/der "$file"
done`;
  const { code, stdout, stderr } = await shell(verify);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toBe("Verified OK\n".repeat(ofThisHost.length + 1));
});

test("image list and bundle are those that the file itself makes", async () => {
  const made =
    await shell(`${k0s} airgap list-images --all | tee ${dir}/list | ${k0s} airgap bundle-artifacts -o ${dir}/bundle.tar
cmp ${dir}/list ${files.imageList} && cmp ${dir}/bundle.tar ${files.airgapBundle}`);
  expect(made).toMatchObject({ code: 0, stdout: "", stderr: "" });
});

test("the feed names what the server has", async () => {
  expect(await readFile(join(place, "stable.txt"), "utf8")).toBe(`${k0sVersion}\n`);
  const index = parseYaml(await readFile(join(place, "stable/index.yaml"), "utf8")) as {
    downloadURLs: { arch: string; k0s: string; k0sSha256: string }[];
  };
  const own = index.downloadURLs.find(({ arch }) => arch === hostPlatform().arch);
  const { stdout } = await shell(`curl --fail --silent --show-error '${own?.k0s}' | sha256sum`);
  expect(stdout).toBe(`${own?.k0sSha256}  -\n`);
});

test("its script installs it from there, without being told anything", async () => {
  const { code, stderr } = await shell(`sh ${place}/install.sh`, {
    env: { PATH: process.env["PATH"] ?? "", K0S_INSTALL_PATH: join(dir, "bin") },
  });
  expect(stderr).not.toContain("Error");
  expect(code).toBe(0);
  expect(await readdir(join(dir, "bin"))).toEqual(["k0s"]);
  const { stdout } = await shell(`${dir}/bin/k0s version`);
  expect(stdout).toBe(`${k0sVersion}\n`);
});
