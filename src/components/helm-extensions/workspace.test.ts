import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartSource } from "../../config/chart-source.ts";
import { repositoryAccess } from "./access.ts";
import { clearWorkspaces, createWorkspace, registryFile } from "./workspace.ts";

let parent = "";
beforeEach(async () => {
  parent = join(await mkdtemp(join(tmpdir(), "k0s-helm-work-")), "helm");
});
afterEach(() => rm(join(parent, ".."), { recursive: true, force: true }));

const repository = { url: "https://charts.example", username: "u", password: "p" };
const own = chartSource("own/web");
const registry = chartSource("oci://registry.example/web");
const json = (path: string): Promise<unknown> => Bun.file(path).json();

test("what helm reads is there, for root alone, until it is disposed of", async () => {
  const old = process.umask(0);
  try {
    const key = join(parent, "../key");
    await writeFile(key, "KEY", { mode: 0o644 });
    const access = { ...repositoryAccess({ ...repository, keyFile: key }), ca: { pem: "CA" } };
    await using workspace = await createWorkspace(parent, "/kubeconfig", {
      source: own,
      access,
      values: [
        { name: "those of the map", text: "a: 1" },
        { name: "those of the chart", text: "b: 2" },
      ],
    });
    const { dir, files, names } = workspace;
    expect(files.values.map((path) => names.get(path))).toEqual(["those of the map", "those of the chart"]);
    expect(await json(files.repositories)).toMatchObject({
      repositories: [
        {
          name: "repository",
          url: "https://charts.example",
          username: "u",
          password: "p",
          caFile: files.ca,
          certFile: "",
          keyFile: files.key,
          pass_credentials_all: false,
        },
      ],
    });
    expect(await json(files.registry)).toEqual({ auths: {} });
    expect(await Promise.all(files.values.map((path) => Bun.file(path).text()))).toEqual(["a: 1", "b: 2"]);
    expect(await Bun.file(files.key ?? "").text()).toBe("KEY");
    const modes = await Promise.all(
      (await readdir(dir)).map(async (name) => {
        const info = await stat(join(dir, name));
        return `${info.isDirectory() ? "directory" : "file"} ${(info.mode & 0o777).toString(8)}`;
      }),
    );
    expect([...new Set(modes)].toSorted()).toEqual(["directory 700", "file 600"]);
    expect(((await stat(dir)).mode & 0o777).toString(8)).toBe("700");
    expect(((await stat(parent)).mode & 0o777).toString(8)).toBe("700");
  } finally {
    process.umask(old);
  }
  expect(await readdir(parent)).toEqual([]);
});

test("a registry's password is in Docker's file, under its host alone", async () => {
  const content = { source: registry, access: repositoryAccess(repository), values: [] };
  await using workspace = await createWorkspace(parent, "/kubeconfig", content);
  expect(await json(workspace.files.registry)).toEqual({
    auths: { "registry.example": { auth: btoa("u:p") } },
  });
  expect(await json(workspace.files.repositories)).toMatchObject({ repositories: [] });
});

test("a password of Docker Hub is where helm looks for it", () => {
  const auths = { "https://index.docker.io/v1/": { auth: btoa("u:p") } };
  for (const host of ["docker.io", "registry-1.docker.io"])
    expect(registryFile(chartSource(`oci://${host}/own/web`), repositoryAccess(repository))).toEqual({
      auths,
    });
});

test("a file that is missing is named, and nothing is left", async () => {
  const access = repositoryAccess({ ...repository, caFile: "/nowhere/ca.crt" });
  expect(createWorkspace(parent, "/kubeconfig", { source: own, access, values: [] })).rejects.toThrow(
    "the file /nowhere/ca.crt of the repository cannot be read: it is not there",
  );
  await Bun.sleep(50);
  expect(await readdir(parent)).toEqual([]);
});

test("what a killed k0s has left goes", async () => {
  await createWorkspace(parent, "/kubeconfig");
  expect(await readdir(parent)).toHaveLength(1);
  await clearWorkspaces(parent);
  expect(await readdir(join(parent, ".."))).toEqual([]);
  await clearWorkspaces(parent);
});
