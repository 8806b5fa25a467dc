import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addUserToFiles, deleteUserFromFiles, freeSystemId } from "./passwd-files.ts";
import { run } from "./exec.ts";
import { lookupUser } from "./users.ts";

let dir = "";
const files = () => ({ passwd: join(dir, "passwd"), group: join(dir, "group"), shadow: join(dir, "shadow") });
const user = { name: "etcd", home: "/var/lib/k0s", shell: "/bin/false" };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-users-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("known users are found, unknown ones are not", () => {
  expect(lookupUser("root")).toEqual({ uid: 0, gid: 0 });
  expect(lookupUser("no-such-user-here")).toBeUndefined();
  expect(lookupUser("--help")).toBeUndefined();
});

test("a user is added to all three files and removed again", async () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\ndaemon:x:999:1::/:/bin/false"; // without a newline at the end
  writeFileSync(files().passwd, passwd);
  writeFileSync(files().group, "root:x:0:\n");
  writeFileSync(files().shadow, "root:*:1::::::\n", { mode: 0o640 });
  const id = await addUserToFiles(user, files());
  expect(id).toEqual({ uid: 998, gid: 999 });
  expect(lookupUser("etcd", files().passwd)).toEqual(id);
  expect(readFileSync(files().passwd, "utf8")).toBe(`${passwd}\netcd:x:998:999::/var/lib/k0s:/bin/false\n`);
  expect(readFileSync(files().group, "utf8")).toBe("root:x:0:\netcd:x:999:\n");
  expect(readFileSync(files().shadow, "utf8")).toContain("etcd:!:");
  expect(statSync(files().shadow).mode & 0o777).toBe(0o640);

  expect(await addUserToFiles(user, files())).toEqual(id);
  await deleteUserFromFiles("etcd", files());
  for (const path of Object.values(files())) expect(readFileSync(path, "utf8")).not.toContain("etcd");
});

test("a root without any passwd file gets one", async () => {
  expect(await addUserToFiles(user, files())).toEqual({ uid: 999, gid: 999 });
  expect(readFileSync(files().passwd, "utf8")).toStartWith("root:x:0:0:");
});

test("numbers are taken from the top of the system range", () => {
  expect(freeSystemId("a:x:999:\nb:x:998:\n")).toBe(997);
  expect(freeSystemId("a:x:999:\n", 500)).toBe(500);
  expect(freeSystemId("a:x:500:\n", 500)).toBe(999);
});

/** Runs a program on a copy of /etc in a mount namespace of its own; `hide` makes tools of the host unusable. */
async function onPrivateEtc(program: string, hide: readonly string[]): Promise<string> {
  const copy = join(dir, "etc");
  const masks = hide
    .map((tool) => `[ ! -e ${tool} ] || mount --bind ${join(dir, "empty")} ${tool};`)
    .join(" ");
  writeFileSync(join(dir, "empty"), "", { mode: 0o600 });
  const script = `cp -a /etc ${copy} && mount --bind ${copy} /etc && { :; ${masks} } && exec "$0" -e "$1"`;
  const args = ["--mount", "--propagation", "private", "sh", "-c", script, process.execPath, program];
  const { code, stdout, stderr } = await run("unshare", args, { timeoutMs: 60_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

const program = `
  const { ensureSystemUsers, lookupUser, deleteSystemUsers } = await import(${JSON.stringify(join(import.meta.dir, "users.ts"))});
  const names = ["k0s-test-one", "k0s-test-two", "k0s-test-one"];
  const made = await ensureSystemUsers(names, "/var/lib/k0s");
  const again = await ensureSystemUsers(names, "/var/lib/k0s");
  console.log(Bun.deepEquals(made, again), made.size, [...made.values()].every(({ uid }) => uid > 0 && uid < 1000));
  console.log((await Bun.file("/etc/passwd").text()).split("\\n").filter((l) => l.startsWith("k0s-test")).map((l) => l.split(":").slice(5).join(" ")).join("\\n"));
  console.log(await deleteSystemUsers([...names, "k0s-test-never"]), lookupUser("k0s-test-one"));`;

test.each([
  ["the host's own tools", []],
  ["no tools at all", ["useradd", "userdel", "adduser", "deluser"].map((tool) => `/usr/sbin/${tool}`)],
])("users are made and deleted with %s", async (_, hide) => {
  const lines = (await onPrivateEtc(program, hide)).trim().split("\n");
  expect(lines[0]).toBe("true 2 true");
  expect(lines[1]).toMatch(/^\/var\/lib\/k0s \/\S+\/(nologin|false)$/);
  expect(lines[2]).toBe(lines[1]);
  expect(lines.slice(3).join(" ")).toMatch(/k0s-test-one.*k0s-test-two.*undefined/);
});
