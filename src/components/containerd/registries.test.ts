import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsedToml } from "./imported-settings.ts";
import { registriesDir, setsUpRegistries } from "./registries.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-registries-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const mirrors = `version = 3
[plugins."io.containerd.cri.v1.images".registry.mirrors."docker.io"]
  endpoint = ["https://mirror.example"]
`;

test.each([
  [mirrors, true],
  ['[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\n  endpoint = ["https://m"]\n', true],
  ['[plugins."io.containerd.cri.v1.images".registry.configs."r:5000".auth]\n  username = "u"\n', true],
  ['[plugins."io.containerd.cri.v1.images".registry]\n  config_path = "/etc/other"\n', false],
  ["version = 3\n", false],
  ["[[nonsense", false],
])("older settings of registries are seen: %#", (text, expected) => {
  expect(setsUpRegistries(parsedToml(text))).toBe(expected);
});

test("the directory of registries is set unless a drop-in file has older settings", async () => {
  const dropIns = join(dir, "containerd.d");
  expect(await registriesDir(dir, dropIns)).toBe(join(dir, "certs.d"));
  await mkdir(dropIns);
  expect(await registriesDir(dir, dropIns)).toBe(join(dir, "certs.d"));
  await writeFile(join(dropIns, "mirrors.toml"), mirrors);
  expect(await registriesDir(dir, dropIns)).toBeUndefined();
});

test.each([
  ['[plugins."io.containerd.cri.v1.images"]\n  use_local_image_pull = true\n', true],
  ['[plugins."io.containerd.cri.v1.images"]\n  use_local_image_pull = false\n', false],
  ['[plugins."io.containerd.cri.v1.images"]\n  max_concurrent_downloads = 10\n', true],
  ['[plugins."io.containerd.cri.v1.images"]\n  max_concurrent_downloads = 3\n', false],
  ['[plugins."io.containerd.grpc.v1.cri"]\n  image_pull_with_sync_fs = true\n', true],
  ['[plugins."io.containerd.grpc.v1.cri".containerd]\n  discard_unpacked_layers = true\n', true],
  ['[plugins."io.containerd.cri.v1.images"]\n  disable_snapshot_annotations = false\n', true],
  ['[plugins."io.containerd.cri.v1.images"]\n  disable_snapshot_annotations = true\n', false],
])("pulls without the transfer service keep containerd's own directories: %#", async (text, expected) => {
  const dropIns = await mkdtemp(join(dir, "local-"));
  await writeFile(join(dropIns, "pull.toml"), `version = 3\n${text}`);
  const usual = expected ? ":/etc/containerd/certs.d:/etc/docker/certs.d" : "";
  expect(await registriesDir(dir, dropIns)).toBe(`${join(dir, "certs.d")}${usual}`);
});

test("files that drop-in files import count, too, through patterns and circles", async () => {
  const dropIns = join(dir, "importing.d");
  const more = join(dir, "more");
  await mkdir(join(more, "one"), { recursive: true });
  await mkdir(dropIns);
  const write = (path: string, ...imports: string[]) =>
    writeFile(path, `version = 3\nimports = ${JSON.stringify(imports)}\n`);
  await write(
    join(dropIns, "a.toml"),
    "../more/*/*.conf",
    "/dev/zero",
    join(dir, "absent/*.toml"),
    "absent.toml",
  );
  await write(join(more, "one/b.conf"), "../c.toml", join(dropIns, "a.toml"));
  await write(join(more, "c.toml"), "one/b.conf");
  expect(await registriesDir(dir, dropIns)).toBe(join(dir, "certs.d"));
  await writeFile(join(more, "c.toml"), mirrors);
  expect(await registriesDir(dir, dropIns)).toBeUndefined();
});
