// `k0s airgap bundle-artifacts` and a real registry, with nothing in between: TLS, passwords, tokens, Docker's own formats.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testIo } from "../../src/cli/core/test-io.ts";
import { runProgram } from "../../src/cli/program.ts";
import { openImageArchive } from "../../src/oci/archive-reader.ts";
import { sha256 } from "../../src/oci/image.ts";
import { errorMessage } from "../../src/std/errors.ts";
import { type Distribution, startDistribution } from "../harness/distribution.ts";
import { noiseImage, type PushedImage, withForeignPlatform } from "../harness/push-image.ts";
import { startTokenServer, type TokenServer } from "../harness/token-server.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-registry-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function images(): Promise<PushedImage[]> {
  const one = noiseImage(2_000_000, "amd64");
  const several = await withForeignPlatform(one.image, one.source, "amd64");
  return [
    { as: "team/one:1", ...one },
    { as: "team/several:2", ...several },
    { as: "team/docker:3", ...noiseImage(1000, "amd64", "docker") },
  ];
}

async function bundle(registry: Distribution, ...args: readonly string[]): Promise<string> {
  await writeFile(join(dir, "config.json"), registry.dockerConfig);
  await writeFile(join(dir, "ca.crt"), registry.ca);
  const access = [
    "--registries-config",
    join(dir, "config.json"),
    "--certificate-authority",
    join(dir, "ca.crt"),
  ];
  const platform = args.includes("--platform") ? [] : ["--platform", "linux/amd64"];
  return runProgram(["airgap", "bundle-artifacts", ...access, ...platform, ...args], testIo()).then(
    () => "well",
    errorMessage,
  );
}

test("an image, an index and Docker's own formats, with the password, in the same bytes each time", async () => {
  await using registry = await startDistribution({ images: await images() });
  const names = ["one:1", "several:2", "docker:3"].map((name) => `${registry.name}/team/${name}`);
  const [first, second] = [join(dir, "first.tar"), join(dir, "second.tar")];
  expect(await bundle(registry, "-o", first, "--concurrency", "1", ...names)).toBe("well");
  expect(await bundle(registry, "-o", second, "--concurrency", "8", ...names)).toBe("well");
  expect(sha256(await Bun.file(first).bytes())).toBe(sha256(await Bun.file(second).bytes()));
  await using archive = await openImageArchive(first, new AbortController().signal);
  expect(archive.images.map(({ ref }) => ref)).toEqual(names);
  expect(await bundle(registry, "-o", second, "--platform", "linux/s390x,linux/amd64", names[1] ?? "")).toBe(
    "well",
  );
  expect(Bun.file(second).size).toBeLessThan(Bun.file(first).size + 10_000);
  await using both = await openImageArchive(second, new AbortController().signal);
  expect(both.images[0]?.blobs.length).toBe(6);
});

test("with a token that the password is exchanged for, one for each repository", async () => {
  let tokens: TokenServer | undefined;
  await using registry = await startDistribution({
    images: await images(),
    tokens: (options) => (tokens = startTokenServer(options)),
  });
  const names = ["one:1", "several:2"].map((name) => `${registry.name}/team/${name}`);
  expect(await bundle(registry, "-o", join(dir, "token.tar"), "--concurrency", "1", ...names)).toBe("well");
  expect(tokens?.scopes).toEqual(["repository:team/one:pull", "repository:team/several:pull"]);
  const stranger = {
    ...registry,
    dockerConfig: JSON.stringify({ auths: { [registry.name]: { auth: btoa("us:no") } } }),
  };
  expect(await bundle(stranger, "-o", join(dir, "none.tar"), ...names)).toContain(
    "for credentials for team/",
  );
});
