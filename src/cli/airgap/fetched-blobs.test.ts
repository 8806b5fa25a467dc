import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobStore } from "../../oci/registry/blob-store.ts";
import { sha256 } from "../../oci/image.ts";
import { errno, errorMessage, UserError } from "../../std/errors.ts";
import { fetchedBlobs, strangeness } from "./fetched-blobs.ts";
import { diskFailure } from "./output.ts";

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "k0s-fetched-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const folderOf = (name: string): string => join(home, `.${name}.k0s-fetched`);
const refusal = async (name: string): Promise<unknown> =>
  fetchedBlobs(join(home, name)).then(
    (fetched) => fetched.close(),
    (err: unknown) => err,
  );

test("the folder is made for its user alone, and found again", async () => {
  for (const _ of [1, 2]) expect(await refusal("new/a.tar")).toBeUndefined();
  expect(await readdir(join(home, "new"))).toEqual([".a.tar.k0s-fetched"]);
});

test("a folder that others can write, or a link to one, is refused before anything is in it", async () => {
  await mkdir(folderOf("open"));
  await chmod(folderOf("open"), 0o777);
  expect(errorMessage(await refusal("open"))).toBe(
    `${folderOf("open")} is not used, since it can be written by others`,
  );
  await mkdir(join(home, "elsewhere"), { mode: 0o700 });
  await symlink("elsewhere", folderOf("link"));
  await symlink("absent", folderOf("dangling"));
  for (const name of ["link", "dangling"])
    expect(errorMessage(await refusal(name))).toBe(
      `${folderOf(name)} is not used, since it is not a directory`,
    );
  expect(await refusal("link")).toBeInstanceOf(UserError);
  expect(await readdir(folderOf("open"))).toEqual([]);
  expect(await readdir(join(home, "elsewhere"))).toEqual([]);
  expect(await readdir(home)).not.toContain("absent");
});

test("so is one of another user", () => {
  const folder = { isDirectory: () => true, mode: 0o40_700, uid: 1000 };
  expect(strangeness(folder, [0, 0])).toBe("belongs to another user");
  expect(strangeness(folder, [1000, 0])).toBeUndefined();
  // On a stick everything belongs to who mounted it, for root as well.
  expect(strangeness(folder, [0, 1000])).toBeUndefined();
});

test("a link in the place of a blob or of the lock is not followed", async () => {
  const victim = join(home, "victim");
  await writeFile(victim, "theirs", { mode: 0o644 });
  const dir = folderOf("linked");
  await mkdir(dir, { mode: 0o700 });
  await symlink(victim, join(dir, "lock"));
  const refused = await refusal("linked");
  expect(refused).toBeInstanceOf(UserError);
  expect(errorMessage(refused)).toContain("ELOOP");
  const data = new TextEncoder().encode("data");
  const digest = sha256(data);
  await symlink(victim, join(dir, `${digest.replace(":", "-")}.part`));
  const name = { registry: "registry.example", repository: "a", tag: "1", digest: undefined };
  const client = {
    manifest: () => Promise.reject(new Error("not asked")),
    blob: async () => ({ offset: 0, stream: new Response(data.slice()).body! }),
  };
  const { signal } = new AbortController();
  const err = await blobStore(dir)
    .fetch(client, name, { mediaType: "x", digest, size: data.length }, signal)
    .catch((one: unknown) => one);
  expect(errno(err)).toBe("ELOOP");
  expect(diskFailure(err)).toBeInstanceOf(UserError);
  expect(await Bun.file(victim).text()).toBe("theirs");
});
