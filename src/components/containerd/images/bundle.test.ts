import { describe, expect, test } from "bun:test";
import { planBundles } from "./bundle.ts";
import { bundlePathsLabel, pinnedLabel } from "./labels.ts";
import { chainIds } from "./contents.ts";
import { containerdConfigToml, isManagedConfig } from "../config-toml.ts";

const image = (name: string, paths: object) => ({
  name,
  labels: { ...pinnedLabel, [bundlePathsLabel]: JSON.stringify(paths) },
});

describe("plan of image bundles", () => {
  test("a new and a changed file are imported, an unchanged one is not", () => {
    const files = { "/i/a": "1", "/i/b": "2", "/i/c": "3" };
    const plan = planBundles(files, [image("x", { "/i/a": "1" }), image("y", { "/i/b": "1" })]);
    expect(plan.import).toEqual(["/i/b", "/i/c"]);
  });

  test("a file that has changed stands for its images until its new content is imported", () => {
    // Half copied, or damaged: the import has failed, and the images are still needed.
    expect(planBundles({ "/i/b": "2" }, [image("y", { "/i/b": "1" })]).lost).toEqual([]);
    const after = [image("y", { "/i/b": "1" }), image("z", { "/i/b": "2" })];
    expect(planBundles({ "/i/b": "2" }, after).lost).toEqual(["y"]);
  });

  test("an import that ended half-way holds its images, and is done again", () => {
    const half = [image("x", { "/i/a": "in part" })];
    expect(planBundles({ "/i/a": "1" }, half)).toEqual({ import: ["/i/a"], lost: [] });
    expect(planBundles({}, half).lost).toEqual(["x"]);
  });

  test("what is there and cannot be read is not gone, and is not imported", () => {
    expect(planBundles({ "/i/b": "" }, [image("y", { "/i/b": "1" })])).toEqual({ import: [], lost: [] });
  });

  test("an image stays pinned while one of its files is there", () => {
    expect(planBundles({ "/i/b": "2" }, [image("x", { "/i/a": "1", "/i/b": "2" })]).lost).toEqual([]);
    expect(planBundles({}, [image("x", { "/i/a": "1" })]).lost).toEqual(["x"]);
  });

  test("images of other origin are left alone, a label that is no JSON counts as empty", () => {
    expect(planBundles({}, [{ name: "x", labels: { ...pinnedLabel } }]).lost).toEqual([]);
    expect(planBundles({}, [{ name: "x", labels: { [bundlePathsLabel]: "{" } }]).lost).toEqual(["x"]);
  });
});

test("chain IDs are those of the image specification", () => {
  const [first, second] = chainIds(["sha256:aa", "sha256:bb"]);
  expect(first).toBe("sha256:aa");
  expect(second).toBe(`sha256:${new Bun.CryptoHasher("sha256").update("sha256:aa sha256:bb").digest("hex")}`);
});

test("the generated configuration is recognised, a taken over one is not", () => {
  const text = containerdConfigToml({
    optDir: "/var/lib/k0s/containerd/opt",
    pauseImage: "localhost/k0s/pause:1",
    runcPath: "/var/lib/k0s/bin/runc",
    cniBinDirs: ["/opt/cni/bin"],
    cniConfDir: "/etc/cni/net.d",
    restrictOomScoreAdj: true,
    registriesDir: "/etc/k0s/certs.d",
    offered: { runtimes: [], systemdCgroup: false },
  });
  expect(isManagedConfig(text)).toBe(true);
  expect(isManagedConfig(text.replace("# k0s_managed=true\n", ""))).toBe(false);
  const parsed = Bun.TOML.parse(text) as { plugins: Record<string, object> };
  expect(parsed).toMatchObject({ version: 3, imports: ["/etc/k0s/containerd.d/*.toml"] });
  expect(parsed.plugins["io.containerd.cri.v1.images"]).toEqual({
    pinned_images: { sandbox: "localhost/k0s/pause:1" },
    registry: { config_path: "/etc/k0s/certs.d" },
  });
});
