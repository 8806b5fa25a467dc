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

test.each([
  ["another user has it", "other:x:500:999::/:/bin/false\n", "etcd:x:999:\n"],
  ["it has members", "", "etcd:x:999:alice\n"],
  ["it is not the user's own", "", "etcd:x:777:\n"],
])("the group of the same name stays when %s", async (_, others, group) => {
  writeFileSync(files().passwd, `etcd:x:998:999::/var/lib/k0s:/bin/false\n${others}`);
  writeFileSync(files().group, group);
  await deleteUserFromFiles("etcd", files());
  expect(readFileSync(files().passwd, "utf8")).toBe(others);
  expect(readFileSync(files().group, "utf8")).toBe(group);
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

const users = JSON.stringify(join(import.meta.dir, "users.ts"));

const program = `
  const { ensureSystemUsers, lookupUser, deleteSystemUser } = await import(${users});
  const names = ["k0s-test-one", "k0s-test-two", "k0s-test-one"];
  const told = [];
  const options = { home: "/var/lib/k0s", made: async ({ name }) => void told.push(name) };
  const made = await ensureSystemUsers(names, options);
  const again = await ensureSystemUsers(names, options);
  console.log(Bun.deepEquals(made, again), made.size, [...made.values()].every(({ uid }) => uid > 0 && uid < 1000));
  console.log((await Bun.file("/etc/passwd").text()).split("\\n").filter((l) => l.startsWith("k0s-test")).map((l) => l.split(":").slice(5).join(" ")).join("\\n"));
  console.log(told.join());
  for (const [name, { uid }] of made) await deleteSystemUser({ name, uid });
  await deleteSystemUser({ name: "k0s-test-never", uid: 5 });
  console.log(lookupUser("k0s-test-one"), lookupUser("k0s-test-two"));`;

const tools = ["useradd", "userdel", "adduser", "deluser"].map((tool) => `/usr/sbin/${tool}`);

test.each([
  ["the host's own tools", []],
  ["no tools at all", tools],
])("users are made and deleted with %s", async (_, hide) => {
  const lines = (await onPrivateEtc(program, hide)).trim().split("\n");
  expect(lines[0]).toBe("true 2 true");
  expect(lines[1]).toMatch(/^\/var\/lib\/k0s \/\S+\/(nologin|false)$/);
  expect(lines[2]).toBe(lines[1]);
  // Told again at the second call: the first may have ended before anybody took note.
  expect(lines[3]).toBe("k0s-test-one,k0s-test-two,k0s-test-one,k0s-test-two");
  expect(lines[4]).toBe("undefined undefined");
});

test.each([
  ["the host's own tools", []],
  ["no tools at all", tools],
])("a user of somebody else is used and not deleted, with %s", async (_, hide) => {
  const script = `
    const { ensureSystemUsers, lookupUser, deleteSystemUser, whyUserStays } = await import(${users});
    const { appendFileSync } = await import("node:fs");
    appendFileSync("/etc/passwd", "k0s-test-one:x:940:940::/var/lib/etcd:/usr/sbin/nologin\\n");
    appendFileSync("/etc/passwd", "k0s-test-root:x:0:0::/var/lib/k0s:/usr/sbin/nologin\\n");
    const told = [];
    const made = async ({ name }) => void told.push(name);
    await ensureSystemUsers(["k0s-test-one", "k0s-test-root"], { home: "/var/lib/k0s", made });
    console.log(told.length);
    const child = Bun.spawn(["/bin/sleep", "60"], { uid: 940, gid: 940 });
    for (const user of [
      { name: "k0s-test-one", uid: 941 },
      { name: "k0s-test-one", uid: 940 },
      { name: "k0s-test-root", uid: 0 },
      { name: "k0s-test-root", uid: 940 },
      { name: "root", uid: 0 },
    ])
      await deleteSystemUser(user).catch((err) => console.log(err.message.replace(child.pid, "PID")));
    console.log(await whyUserStays({ name: "k0s-test-one", uid: 940 }, new Set([child.pid])));
    console.log(lookupUser("k0s-test-one")?.uid, lookupUser("k0s-test-root")?.uid, lookupUser("root")?.uid);
    child.kill("SIGKILL");
    await child.exited;`;
  expect((await onPrivateEtc(script, hide)).trim().split("\n")).toEqual([
    "0",
    "user k0s-test-one stays: its uid is 940, and k0s made one with 941",
    "user k0s-test-one stays: process PID runs as it",
    "user k0s-test-root stays: it is root",
    "user k0s-test-root stays: it is root",
    "user root stays: it is root",
    "undefined",
    "940 0 0",
  ]);
});

test("the word of the host's tool is final", async () => {
  const script = `
    const { ensureSystemUsers, lookupUser, deleteSystemUser } = await import(${users});
    const { mkdtempSync, writeFileSync } = await import("node:fs");
    const bin = mkdtempSync("/tmp/k0s-refusing-");
    for (const tool of ["useradd", "userdel"])
      writeFileSync(bin + "/" + tool, "#!/bin/sh\\necho first >&2; echo not today >&2; exit 8\\n", { mode: 0o755 });
    process.env.PATH = bin + ":" + process.env.PATH;
    const { appendFileSync } = await import("node:fs");
    appendFileSync("/etc/passwd", "k0s-test-one:x:940:940::/var/lib/k0s:/usr/sbin/nologin\\n");
    const made = async () => undefined;
    await deleteSystemUser({ name: "k0s-test-one", uid: 940 }).catch((err) => console.log(err.message));
    await ensureSystemUsers(["k0s-test-two"], { home: "/var/lib/k0s", made }).catch((err) => console.log(err.message));
    console.log(lookupUser("k0s-test-one")?.uid, lookupUser("k0s-test-two")?.uid);
    (await import("node:fs")).rmSync(bin, { recursive: true });`;
  expect((await onPrivateEtc(script, [])).trim().split("\n")).toEqual([
    "user k0s-test-one stays: not today",
    "cannot make the system user k0s-test-two: not today",
    "940 undefined",
  ]);
});

test("a group of the same name is used", async () => {
  const script = `
    const { ensureSystemUsers } = await import(${users});
    const { appendFileSync } = await import("node:fs");
    appendFileSync("/etc/group", "k0s-test-one:x:941:\\n");
    const made = await ensureSystemUsers(["k0s-test-one"], { home: "/var/lib/k0s", made: async () => undefined });
    console.log(made.get("k0s-test-one").gid);`;
  expect((await onPrivateEtc(script, [])).trim()).toBe("941");
});
