import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openImageArchive } from "../../oci/archive-reader.ts";
import { fakeImage, fakeRegistry } from "../../oci/registry/testdata/fake-registry.ts";
import { sha256 } from "../../oci/image.ts";
import { errorMessage } from "../../std/errors.ts";
import { testIo } from "../core/test-io.ts";
import { runProgram } from "../program.ts";
import { credentialsFrom, readConfigFiles, usualConfigFiles } from "./credentials.ts";
import { diskFailure, writeToFile } from "./output.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-airgap-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("list-images", () => {
  const list = async (config: string, ...args: string[]): Promise<string[]> => {
    const file = join(dir, "k0s.yaml");
    await writeFile(file, config);
    const io = testIo();
    await runProgram(["airgap", "list-images", "--data-dir", dir, "--config", file, ...args], io);
    return io.stdout().trimEnd().split("\n");
  };
  const named = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/^localhost\/k0s\//, "").replace(/:.*/, ""));
  const always = ["konnectivity-agent", "metrics-server", "coredns", "pause"];
  const calico = ["calico-cni", "calico-node", "calico-kube-controllers"];

  test("those of the network that is configured, and with --all of every one", async () => {
    expect(named(await list("{}"))).toEqual([...always, ...calico]);
    expect(named(await list("spec: {network: {provider: kuberouter}}"))).toEqual([
      ...always,
      "kube-router",
      "cni-plugins",
    ]);
    expect(named(await list("spec: {network: {provider: custom}}"))).toEqual(always);
    expect(named(await list("{}", "--all", "--platform", "linux/arm64"))).toEqual([
      ...always,
      ...calico,
      "kube-router",
      "cni-plugins",
    ]);
  });

  test("as spec.images names them", async () => {
    const images = "images: {repository: registry.example/k0s, coredns: {version: 9.9.9}}";
    const lines = await list(`spec: {network: {provider: custom}, ${images}}`);
    expect(lines).toContain("registry.example/k0s/k0s/coredns:9.9.9");
    expect(lines.every((line) => line.startsWith("registry.example/k0s/"))).toBe(true);
  });

  test("nodes with Windows pull theirs, which are those of others", async () => {
    const windows = async (config: string, ...args: string[]) =>
      (await list(config, "--platform", "windows(10.0.20348)/amd64", ...args)).map((line) =>
        line.replace(/:.*/, ""),
      );
    const proxyAndPause = ["docker.io/sigwindowstools/kube-proxy", "registry.k8s.io/pause"];
    const network = ["docker.io/calico/cni-windows", "docker.io/calico/node-windows"];
    expect(await windows("{}")).toEqual([...proxyAndPause, ...network]);
    const custom = "spec: {network: {provider: custom, kubeProxy: {disabled: true}}}";
    expect(await windows(custom)).toEqual(["registry.k8s.io/pause"]);
    expect(await windows(custom, "--all")).toEqual([...proxyAndPause, ...network]);
    expect(await list("{}", "--platform", "linux/amd64,windows/amd64")).toHaveLength(11);
  });

  test("there are none for other systems", async () => {
    for (const platform of ["windows/arm64", "darwin/arm64"])
      expect(await list("{}", "--platform", platform).catch(errorMessage)).toBe(
        `no node runs on ${platform}`,
      );
  });
});

describe("bundle-artifacts", () => {
  const run = (args: readonly string[], changes: Parameters<typeof testIo>[0] = {}) =>
    runProgram(["airgap", "bundle-artifacts", ...args], testIo(changes)).then(() => "well", errorMessage);
  const plain = "--insecure-registries=plain-http";
  const platform = "--platform=linux/amd64";

  test("what is asked for is in the file, in the same bytes each time, and nothing else is left", async () => {
    using registry = fakeRegistry({ image: fakeImage() });
    const home = await mkdtemp(join(dir, "out-"));
    const names = [`${registry.host}/a:1`, `${registry.host}/b:1@${sha256(fakeImage().index)}`];
    for (const [file, args] of [
      ["one.tar", [...names, "--concurrency=1"]],
      ["two.tar", [...names, names[0]!, "--concurrency=5"]],
    ] as const)
      expect(await run([plain, platform, "-o", join(home, file), ...args])).toBe("well");
    expect(await run([plain, platform, "-o", join(home, "three.tar")], { input: names.join("\n") })).toBe(
      "well",
    );
    expect((await readdir(home)).toSorted()).toEqual(["one.tar", "three.tar", "two.tar"]);
    const [one, two, three] = await Promise.all(
      ["one.tar", "two.tar", "three.tar"].map(async (file) =>
        sha256(await Bun.file(join(home, file)).bytes()),
      ),
    );
    expect([two, three]).toEqual([one, one]);
    await using archive = await openImageArchive(join(home, "one.tar"), new AbortController().signal);
    expect(archive.images.map(({ ref }) => ref)).toEqual([
      names[0]!,
      names[1]!,
      `${registry.host}/b:1`,
      `${registry.host}/b@${sha256(fakeImage().index)}`,
    ]);
  });

  test("a run that failed leaves what it has fetched for the next one", async () => {
    const image = fakeImage();
    const home = await mkdtemp(join(dir, "out-"));
    const output = join(home, "a.tar");
    let broken = true;
    using registry = fakeRegistry({
      image,
      before: (_, url) =>
        broken && url.pathname.endsWith(sha256(image.layers["attestation"]!))
          ? new Response(null, { status: 404 })
          : undefined,
    });
    const args = [plain, platform, "-o", output, "--concurrency=1", `${registry.host}/a:1`];
    expect(await run(args)).toStartWith("there is no blobs/sha256:");
    expect(await readdir(home)).toEqual([".a.tar.k0s-fetched"]);
    broken = false;
    const before = registry.requests.length;
    expect(await run(args)).toBe("well");
    expect(await readdir(home)).toEqual(["a.tar"]);
    const fetched = registry.requests.slice(before).filter((line) => line.includes("/blobs/"));
    expect(fetched.some((line) => line.includes(sha256(image.layers["amd64"]!)))).toBe(false);
  });

  test("what cannot be is refused before anything is asked", async () => {
    const terminal = { stdin: true, stdout: true, stderr: true };
    expect(await run(["a"], { terminal })).toBe("a bundle is not written to a terminal");
    expect(await run(["-o", join(dir, "x.tar")], { terminal })).toBe("which images?");
    expect(await run(["-o", join(dir, "x.tar")], { input: " \n" })).toBe("no image was named");
    expect(await run(["-o", join(dir, "x.tar"), "--concurrency=0", "a"])).toStartWith(
      "--concurrency has to be",
    );
    const nowhere = join(dir, "absent/x.tar");
    expect(await run(["-o", join(dir, "x.tar"), "--registries-config", nowhere, "a"])).toBe(
      `there is no file ${nowhere}`,
    );
    expect(await readdir(dir)).not.toContain(".x.tar.k0s-fetched");
  });
});

test("credentials come from the files that are named, else from the usual ones, and a helper is asked once", async () => {
  const env = { HOME: dir, XDG_RUNTIME_DIR: "/run/user/0" };
  expect(usualConfigFiles(env)).toEqual([
    join(dir, ".docker/config.json"),
    "/run/user/0/containers/auth.json",
    join(dir, ".config/containers/auth.json"),
  ]);
  await mkdir(join(dir, ".docker"));
  await writeFile(join(dir, ".docker/config.json"), JSON.stringify({ credsStore: "pass" }));
  let asked = 0;
  const credential = credentialsFrom(await readConfigFiles([], env), async (helper, server) => {
    asked += 1;
    return { kind: "password", username: helper, password: server };
  });
  const name = { registry: "registry.example", repository: "a", tag: "1", digest: undefined };
  const { signal } = new AbortController();
  const known = { kind: "password", username: "pass", password: "registry.example" } as const;
  expect([await credential(name, signal), await credential({ ...name, repository: "b" }, signal)]).toEqual([
    known,
    known,
  ]);
  expect(asked).toBe(1);
});

test("a full disk is said as that, and nothing that is half written stays", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const content = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(10)),
    pull: (controller) => controller.error(full),
  });
  const home = await mkdtemp(join(dir, "full-"));
  await writeFile(join(home, "a.tar"), "earlier");
  const err = await writeToFile(join(home, "a.tar"), content, new AbortController().signal).catch(
    (one: unknown) => one,
  );
  expect(diskFailure(err)?.message).toBe("cannot write the bundle: ENOSPC: no space left on device, write");
  expect(await readdir(home)).toEqual(["a.tar"]);
  expect(await Bun.file(join(home, "a.tar")).text()).toBe("earlier");
});
