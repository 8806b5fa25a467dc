import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInstallationRecord } from "../config/installation-record.ts";
import { homesOf } from "../config/directory-rules.ts";
import { type NodePaths, nodePaths } from "../product/paths.ts";
import { silentLogger } from "../std/logfmt.ts";
import { beginInstallation as beginLogging, notePods, noteUser, proveInstallation } from "./installation.ts";
import { type ListEntry, setAccessList } from "../os/testdata/set-access-list.ts";
import { controlPlaneUsers } from "./system-users.ts";
import { assertMayUse, assertOpenToUsers } from "./own-directories.ts";

let dir = "";
const beginInstallation = (paths: NodePaths, idFile?: string): Promise<void> =>
  beginLogging(paths, silentLogger(), idFile);
const at = (...parts: string[]): string => join(dir, ...parts);
const pathsOf = (name: string, kubelet?: string) =>
  nodePaths({
    dataDir: at(name),
    runDir: at("run"),
    kubeletRootDir: kubelet === undefined ? "" : at(kubelet),
  });
const make = (path: string, text = ""): void => {
  mkdirSync(join(dir, path, ".."), { recursive: true });
  writeFileSync(at(path), text);
};
/** What the launcher writes beside programs that it has unpacked. */
const stage = (name: string, noted = at(name, "bin")): void =>
  make(`${name}/bin/.part-etcd.json`, JSON.stringify({ part: "etcd", sha256: "x", dir: noted, files: [] }));
/** An installation of a k0s that kept no record. */
const stageOlder = (name: string, noted?: string): void => {
  stage(name, noted);
  make(`${name}/worker-profile.yaml`, "x");
};

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "k0s-installation-")));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("before a start", () => {
  test.each(["", "/", "/home", "/usr", "/etc/k0s", "/root", "/home/ann"])("--data-dir %p", async (name) => {
    const refused = assertMayUse(nodePaths({ dataDir: name }));
    if (name === "") expect(nodePaths({ dataDir: name }).dataDir).not.toBe(process.cwd());
    else expect(refused).rejects.toThrow(`--data-dir ${name} is refused`);
    await refused.catch(() => undefined);
  });

  test("the working directory, kubelet's system directories and a data directory that is also kubelet's", () => {
    expect(assertMayUse(nodePaths({ dataDir: process.cwd() }))).rejects.toThrow("working directory");
    const kubelet = nodePaths({ dataDir: at("k0s"), kubeletRootDir: "/var/lib" });
    expect(assertMayUse(kubelet)).rejects.toThrow("--kubelet-root-dir /var/lib is refused");
    expect(assertMayUse(pathsOf("k0s", "k0s"))).rejects.toThrow("is the data directory");
  });

  test("a directory with other things is not taken over, one with what is given to k0s is", async () => {
    make("project/bin/tool");
    make("project/readme");
    expect(assertMayUse(pathsOf("project"))).rejects.toThrow(
      /holds what k0s has not made: (bin, readme|readme, bin)/,
    );
    make("seeded/images/bundle.tar");
    make("seeded/pki/ca.crt");
    mkdirSync(at("seeded/kubelet"));
    await assertMayUse(pathsOf("seeded"));
    await assertMayUse(pathsOf("nothing"));
  });

  test("a kubelet root with other things is not taken over, kubelet's own is", async () => {
    make("k/pods/x");
    await assertMayUse(pathsOf("k0s", "k"));
    // A file system of its own has this; the others are put there before kubelet starts.
    for (const given of ["k/lost+found/x", "k/seccomp/audit.json", "k/config.json"]) make(given);
    await assertMayUse(pathsOf("k0s", "k"));
    make("k/letters");
    expect(assertMayUse(pathsOf("k0s", "k"))).rejects.toThrow("holds what is not kubelet's: letters");
  });

  test("an installation is found again, also under another path", async () => {
    await beginInstallation(pathsOf("k0s"));
    make("k0s/bin/etcd");
    await assertMayUse(pathsOf("k0s"));
    symlinkSync(at("k0s"), at("link"));
    await assertMayUse(pathsOf("link"));
    expect(pathsOf("link").dataDir).toBe(at("k0s"));
    stageOlder("older");
    make("older/db/state.db", "x");
    await assertMayUse(pathsOf("older"));
  });

  test("an installation that kept no record goes on behind a link, and where none would begin today", async () => {
    mkdirSync(at("disk"));
    symlinkSync(at("disk"), at("link"));
    stage("link/k0s");
    make("link/k0s/db/state.db", "x");
    make("link/kubelet/a-driver's/x");
    make("link/k0s/kubelet.conf", `client-certificate: ${at("link/kubelet")}/pki/kubelet-client-current.pem`);
    const paths = pathsOf("link/k0s", "link/kubelet");
    const before = process.cwd();
    process.chdir(at("disk/k0s"));
    try {
      await assertMayUse(paths);
      await beginInstallation(paths);
      await assertMayUse(paths);
      expect(assertMayUse(nodePaths({ ...paths, kubeletRootDir: "/etc" }))).rejects.toThrow(
        "/etc is refused",
      );
    } finally {
      process.chdir(before);
    }
    expect(paths.dataDir).toBe(at("disk/k0s"));
  });

  test.each([true, false])(
    "a home directory with a cluster in it: known by its programs %p",
    async (staged) => {
      const home = homesOf(readFileSync("/etc/passwd", "utf8"), [])[0] ?? "/root";
      const paths = {
        ...nodePaths({ dataDir: home }),
        binDir: at("k0s/bin"),
        workerProfileCache: at("k0s/worker-profile.yaml"),
      };
      if (staged) stageOlder("k0s");
      const allowed = await assertMayUse(paths).then(
        () => true,
        () => false,
      );
      expect(allowed).toBe(staged);
    },
  );

  test("a path through a file is left to whoever writes there", async () => {
    make("file");
    await assertMayUse(pathsOf("file/k0s"));
    chmodSync(dir, 0o755);
    await assertOpenToUsers(at("file/k0s"));
  });

  test("a link that leads nowhere is an unmounted disk", () => {
    symlinkSync(at("disk/k0s"), at("k0s"));
    expect(assertMayUse(pathsOf("k0s"))).rejects.toThrow("leads nowhere");
    expect(assertMayUse(pathsOf("k0s/below"))).rejects.toThrow("leads nowhere");
  });

  test("the control plane's users must get through", async () => {
    mkdirSync(at("closed"), { mode: 0o700 });
    expect(assertOpenToUsers(at("closed", "k0s"))).rejects.toThrow("is closed to the users");
    // Members of group root do not count as others.
    chmodSync(at("closed"), 0o701);
    chmodSync(dir, 0o755);
    expect(assertOpenToUsers(at("closed", "k0s"))).rejects.toThrow(
      /closed to the users of the control plane \(kube-apiserver, kube-controller-manager\)/,
    );
  });

  test("access by a list counts, also one that shuts a single user out", async () => {
    chmodSync(dir, 0o755);
    mkdirSync(at("listed/k0s"), { recursive: true });
    const ids: Record<string, number> = Object.fromEntries(
      controlPlaneUsers.map((name, i) => [name, 64_100 + i]),
    );
    const lookup = (name: string) => ({ uid: ids[name] ?? -1, gid: ids[name] ?? -1 });
    const everybody = Object.values(ids).map((id): ListEntry => [2, 1, id]);
    setAccessList(at("listed"), [[1, 7], ...everybody, [4, 5], [16, 5], [32, 0]]);
    await assertOpenToUsers(at("listed/k0s"), lookup);
    expect(assertOpenToUsers(at("listed/k0s"), () => undefined)).rejects.toThrow(
      "(etcd, konnectivity-server,",
    );
    setAccessList(at("listed"), [
      [1, 7],
      [2, 0, ids["etcd"] ?? 0],
      [4, 5],
      [16, 5],
      [32, 5],
    ]);
    expect(assertOpenToUsers(at("listed/k0s"), lookup)).rejects.toThrow("control plane (etcd)");
  });
});

test("mode and owner of a directory that existed stay", async () => {
  mkdirSync(at("k0s"), { mode: 0o711 });
  await beginInstallation(pathsOf("k0s"));
  expect(statSync(at("k0s")).mode & 0o7777).toBe(0o711);
  expect(statSync(at("k0s/installation.json")).mode & 0o777).toBe(0o600);
});

test("the record keeps what was made first, and all roots of kubelet", async () => {
  await beginInstallation(pathsOf("k0s"));
  const first = await readInstallationRecord(at("k0s"));
  expect(first).toMatchObject({ dataDir: at("k0s"), kubeletRootDirs: [at("k0s/kubelet")], users: [] });
  expect(first?.absentBefore).not.toContain("/usr/libexec");
  const note = noteUser(pathsOf("k0s"));
  await note({ name: "etcd", uid: 998, gid: 998 });
  await note({ name: "etcd", uid: 997, gid: 997 });
  await beginInstallation(pathsOf("k0s", "kubelet"));
  expect(await readInstallationRecord(at("k0s"))).toEqual({
    ...first!,
    kubeletRootDirs: [at("k0s/kubelet"), at("kubelet")],
    users: [{ name: "etcd", uid: 997, gid: 997 }],
  });
});

describe("the proof for a reset", () => {
  test("nothing there is nothing to prove", async () => {
    expect(await proveInstallation(pathsOf("nothing"))).toEqual({ record: undefined, unproven: [] });
    // What a reset leaves of a disk of its own.
    mkdirSync(at("disk/lost+found"), { recursive: true });
    expect(await proveInstallation(pathsOf("disk"))).toEqual({ record: undefined, unproven: [] });
  });

  test("the record, at its own place only", async () => {
    await beginInstallation(pathsOf("k0s"));
    expect((await proveInstallation(pathsOf("k0s"))).record?.dataDir).toBe(at("k0s"));
    cpSync(at("k0s"), at("backup"), { recursive: true });
    expect(proveInstallation(pathsOf("backup"))).rejects.toThrow("is a copy");
    // Somebody starts from it: now it is the place.
    await beginInstallation(pathsOf("backup"));
    expect((await proveInstallation(pathsOf("backup"))).record?.dataDir).toBe(at("backup"));
  });

  test("the record at another place that a link leads to", async () => {
    await beginInstallation(pathsOf("k0s", "k0s/kubelet"));
    await beginInstallation(pathsOf("k0s", "kubelet"));
    renameSync(at("k0s"), at("disk"));
    symlinkSync(at("disk"), at("k0s"));
    mkdirSync(at("project/pki"), { recursive: true });
    symlinkSync(at("project"), at("kubelet"));
    expect((await proveInstallation(pathsOf("k0s"))).record).toMatchObject({
      dataDir: at("disk"),
      kubeletRootDirs: [at("disk/kubelet"), at("kubelet")],
    });
    expect(proveInstallation(pathsOf("k0s", "kubelet"))).rejects.toThrow("root directory of k0s' kubelet");
  });

  test("without it, nothing", async () => {
    make("project/src/main.c");
    expect(await proveInstallation(pathsOf("project")).catch((err: unknown) => err)).toMatchObject({
      message: expect.stringContaining("is not known to be k0s'"),
      // A service whose start has always failed has no record, either.
      hint: expect.stringContaining("`k0s uninstall` removes its service"),
    });
    // A service that k0s has installed for it proves itself alone.
    const service = await proveInstallation(pathsOf("project"), undefined, { serviceIsOurs: true });
    expect(service).toEqual({ record: undefined, unproven: ["src"] });
    make("almost/pki/ca.crt");
    make("almost/bin/etcd");
    expect(proveInstallation(pathsOf("almost"))).rejects.toThrow("is not known to be k0s'");
    expect(existsSync(at("almost/bin/etcd"))).toBe(true);
  });

  test("a record that cannot be read is none, and says so", async () => {
    make("k0s/installation.json", "{");
    expect(proveInstallation(pathsOf("k0s"))).rejects.toThrow("is not k0s' record");
    make("k0s/installation.json", JSON.stringify({ kind: "k0s installation", formatVersion: 2 }));
    expect(proveInstallation(pathsOf("k0s"))).rejects.toThrow("is not k0s' record");
  });

  test.each([
    ["empty", 0],
    ["the beginning", 5],
    ["half", 0.5],
  ])("a record that a power cut spoilt says what to do, and a start writes it anew: %s", async (_, share) => {
    const paths = pathsOf("k0s");
    await beginInstallation(paths);
    stage("k0s");
    const file = at("k0s/installation.json");
    const whole = readFileSync(file);
    const cut = whole.subarray(0, share < 1 ? Math.floor(whole.length * share) : share);
    for (const spoilt of [cut, Buffer.concat([cut, Buffer.alloc(whole.length - cut.length)])]) {
      writeFileSync(file, spoilt);
      const refused = await proveInstallation(paths).catch((err: unknown) => err);
      expect(refused).toMatchObject({
        code: "cut-off-installation-record",
        hint: expect.stringContaining(`Start k0s once with --data-dir ${at("k0s")}`),
      });
      await assertMayUse(paths);
      await beginInstallation(paths);
      const { record } = await proveInstallation(paths);
      // Less than an older k0s' would: what is there now may be somebody else's.
      expect(record).toMatchObject({ dataDir: at("k0s"), users: [], sysctlsBefore: {} });
      expect(record?.absentBefore).not.toContain("/usr/libexec");
    }
  });

  test("somebody else's file of that name is no spoilt record, and a directory of others' is not taken over by one", async () => {
    for (const text of ["[1, 2", '{"kind": "something else"', "text"]) {
      make("project/installation.json", text);
      expect(assertMayUse(pathsOf("project"))).rejects.toThrow("is not k0s' record");
      expect(beginInstallation(pathsOf("project"))).rejects.toThrow("is not k0s' record");
      expect(readFileSync(at("project/installation.json"), "utf8")).toBe(text);
    }
    make("project/installation.json");
    make("project/readme");
    expect(assertMayUse(pathsOf("project"))).rejects.toThrow("holds what k0s has not made: readme");
  });

  test("an older k0s is known by the programs that it staged into this very directory", async () => {
    stageOlder("older");
    expect((await proveInstallation(pathsOf("older"))).record?.absentBefore).toContain("/var/lib/calico");
    expect(existsSync(at("older/installation.json"))).toBe(false);
    stageOlder("copied", at("older/bin"));
    expect(proveInstallation(pathsOf("copied"))).rejects.toThrow("is not known to be k0s'");
  });

  test("programs that a command for clients unpacked are no installation, and may lie where one begins", async () => {
    stage("k0s");
    make("k0s/pki/ca.crt", "seeded");
    expect(proveInstallation(pathsOf("k0s"))).rejects.toThrow("is not known to be k0s'");
    rmSync(at("k0s/pki"), { recursive: true });
    expect(await proveInstallation(pathsOf("k0s"))).toEqual({ record: undefined, unproven: [] });
    await assertMayUse(pathsOf("k0s"));
    await beginInstallation(pathsOf("k0s"));
    const record = await readInstallationRecord(at("k0s"));
    expect(record?.absentBefore).not.toContain("/usr/libexec");
    expect(record?.absentBefore).toContain("/var/lib/calico");
  });

  test.each([
    "k0s/pki/admin.conf",
    "k0s/etcd/member",
    "k0s/db/state.db",
    "k0s/containerd/x",
    "k0s/kubelet.conf",
  ])("what shows that a node has run: %s", async (written) => {
    stage("k0s");
    make(written, "x");
    const { record } = await proveInstallation(pathsOf("k0s"));
    // What was there may be somebody else's, and the first start says no more.
    expect(record?.absentBefore).not.toContain("/usr/libexec");
    await beginInstallation(pathsOf("k0s"));
    expect((await readInstallationRecord(at("k0s")))?.absentBefore).not.toContain("/usr/libexec");
  });

  test("a root of kubelet is named by the record, or by kubelet's kubeconfig", async () => {
    await beginInstallation(pathsOf("k0s", "kubelet"));
    await proveInstallation(pathsOf("k0s", "kubelet"));
    make("project/readme");
    expect(proveInstallation(pathsOf("k0s", "project"))).rejects.toThrow("root directory of k0s' kubelet");
    stageOlder("older");
    expect(proveInstallation(pathsOf("older", "project"))).rejects.toThrow("root directory of k0s' kubelet");
    make("older/kubelet.conf", `client-certificate: ${at("project")}/pki/kubelet-client-current.pem`);
    await proveInstallation(pathsOf("older", "project"));
    // It wrote the path as it was given.
    symlinkSync(at("project"), at("link"));
    make("older/kubelet.conf", `client-certificate: ${at("link")}/pki/kubelet-client-current.pem`);
    await proveInstallation(pathsOf("older", "link"));
    make("older/kubelet.conf", `client-certificate: ${at("project/other")}/pki/kubelet-client-current.pem`);
    expect(proveInstallation(pathsOf("older", "project"))).rejects.toThrow("root directory of k0s' kubelet");
    expect(proveInstallation(pathsOf("nothing", "project"))).rejects.toThrow(
      "root directory of k0s' kubelet",
    );
  });

  test.each(["/", "/home", "/root"])("never %s", (name) => {
    expect(proveInstallation(nodePaths({ dataDir: name }))).rejects.toThrow("is refused");
  });
});

test("a directory that came from another machine proves nothing about the users and files of this one", async () => {
  make("ids/a", "0123456789abcdef0123456789abcdef\n");
  make("ids/b", "fedcba9876543210fedcba9876543210\n");
  const paths = pathsOf("k0s");
  await beginInstallation(paths, at("ids/a"));
  await noteUser(paths)({ name: "etcd", uid: 990, gid: 990 });
  await notePods(paths);
  const there = (await proveInstallation(paths, at("ids/a"))).record;
  expect(there?.users).toHaveLength(1);
  expect(there?.ranPods).toBe(true);
  expect(there?.machine).not.toContain("0123456789abcdef");

  // Before the first start there, and after it.
  const restored = (await proveInstallation(paths, at("ids/b"))).record;
  expect(restored?.ranPods).toBeUndefined();
  expect(restored).toMatchObject({ users: [], absentBefore: [], sysctlsBefore: {}, dataDir: paths.dataDir });
  await beginInstallation(paths, at("ids/b"));
  const started = await readInstallationRecord(paths.dataDir);
  expect(started?.users).toEqual([]);
  expect(started?.machine).not.toBe(there?.machine);
  expect(started?.kubeletRootDirs).toEqual([paths.kubeletRootDir]);
  // A machine without an id is taken for the same.
  expect((await proveInstallation(paths, at("ids/none"))).record?.machine).toBe(started?.machine);
});
