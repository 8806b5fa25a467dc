// install.sh, really run by dash with curl, by dash with wget and by busybox alone, against a server on the loopback with a
// made-up release.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type RunOptions, type RunResult } from "../../src/os/exec.ts";
import { hostPlatform } from "../platform.ts";
import { type Host, installHosts } from "./install-hosts.ts";
import { fillIn, installScript } from "./install-script.ts";
import { type ReleaseServer, releaseServer, type ServedFile } from "./release-server.ts";
import { createSigner, type Signer } from "./signature.ts";

const version = "v1.37.2+k0s.0";
const { arch } = hostPlatform();
const name = `k0s-${version}-${arch}`;
const asRoot = process.getuid?.() === 0;
/** Not compressible, and more than the small file system has. */
const padding = `: ${createHash("sha256").update("padding").digest("hex").repeat(5000)}`;
const k0s = `#!/bin/sh\n[ "$1" = version ] && echo ${version}\nexit\n${padding}\n`;

let home = "";
let dir = "";
let files: Map<string, ServedFile>;
let server: ReleaseServer;
let signer: Signer;
const at = (file: string): string => join(dir, file);

let hosts: Readonly<Record<string, Host>> = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "k0s-install-"));
  await chmod(home, 0o755);
  hosts = await installHosts(home);
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  signer = createSigner(key.export({ type: "pkcs8", format: "pem" }), "the test's");
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

beforeEach(async () => {
  dir = await mkdtemp(join(home, "bin-"));
  await chmod(dir, 0o755);
  const sum = createHash("sha256").update(k0s).digest("hex");
  const sums = `${"0".repeat(64)}  ${name}.spdx.json\n${sum}  ${name}\n`;
  await writeFile(join(home, "sums"), sums);
  const signature = await signer.sign(join(home, "sums"), AbortSignal.timeout(10_000));
  files = new Map<string, ServedFile>([
    [`/${version}/${name}`, { body: k0s }],
    [`/${version}/sha256sums.txt`, { body: sums }],
    [`/${version}/sha256sums.txt.sig`, { body: signature }],
    ["/stable.txt", { body: version }],
  ]);
  server = releaseServer((path) => files.get(path));
});
afterEach(() => server[Symbol.dispose]());

interface Given {
  readonly script?: string;
  readonly env?: Record<string, string>;
  readonly before?: readonly string[];
  readonly user?: RunOptions["user"];
}

function invocation(host: string, given: Given = {}): { argv: string[]; env: Record<string, string> } {
  const { shell = "", path = "" } = hosts[host] ?? {};
  const own = shell.endsWith("busybox") ? [shell, "sh"] : [shell];
  return {
    argv: [...(given.before ?? []), ...own, given.script ?? installScript],
    env: {
      PATH: path,
      K0S_DOWNLOAD_URL: server.url,
      K0S_INSTALL_PATH: dir,
      K0S_VERSION: version,
      ...given.env,
    },
  };
}

function install(host: string, given: Given = {}): Promise<RunResult> {
  const { argv, env } = invocation(host, given);
  const [program = "", ...args] = argv;
  return run(program, args, { env, timeoutMs: 30_000, ...(given.user && { user: given.user }) });
}

/** The script of a release that is signed. */
async function signedScript(): Promise<string> {
  const path = join(home, "signed.sh");
  const text = await readFile(installScript, "utf8");
  await writeFile(path, fillIn(text, { version, url: server.url, publicKey: signer.publicKey }));
  return path;
}

const change = (file: string, served: Partial<ServedFile>): void => {
  const path = `/${version}/${file}`;
  files.set(path, { body: "", ...files.get(path), ...served });
};

async function withOld(): Promise<void> {
  await writeFile(at("k0s"), "the old one", { mode: 0o755 });
}

/** It failed, with these words, and left all as it was. */
async function expectRefused(result: RunResult, words: string): Promise<void> {
  expect(result.stderr).toContain(words);
  expect(result.code).toBe(1);
  expect(await readdir(dir)).toEqual(["k0s"]);
  expect(await readFile(at("k0s"), "utf8")).toBe("the old one");
}

describe.each(["dash and curl", "dash and wget", "busybox alone"])("%s", (host) => {
  test("installs what has the right checksum, over an old one", async () => {
    await withOld();
    const { code, stderr } = await install(host);
    expect(stderr).toContain("verified by its checksum alone");
    expect(code).toBe(0);
    expect(await readdir(dir)).toEqual(["k0s"]);
    expect(await readFile(at("k0s"), "utf8")).toBe(k0s);
    expect((await stat(at("k0s"))).mode & 0o777).toBe(0o755);
  });

  test("a wrong checksum is refused", async () => {
    await withOld();
    change(name, { body: k0s.replace("exit", "eXit") });
    await expectRefused(await install(host), "the checksum of the download is");
  });

  test("a download that is cut off is refused", async () => {
    await withOld();
    change(name, { rest: "cut off" });
    const result = await install(host);
    await expectRefused(result, "Nothing was changed.");
  }, 40_000);

  test("a release that is not there, a file that it has not, a version that is none", async () => {
    await withOld();
    await expectRefused(await install(host, { env: { K0S_VERSION: "v9" } }), "could not download http://");
    await expectRefused(
      await install(host, { env: { K0S_ARCH: "s390x" } }),
      `has no file k0s-${version}-s390x`,
    );
    await expectRefused(
      await install(host, { env: { K0S_VERSION: "../etc" } }),
      "v../etc is not a version of k0s",
    );
  }, 40_000);

  test.skipIf(!asRoot)(
    "without room the old file stays",
    async () => {
      const small = `mount -t tmpfs -o size=64k none "$K0S_INSTALL_PATH" && echo "the old one" >"$K0S_INSTALL_PATH/k0s" || exit 9
PATH=$INNER "$@"; code=$?; cat "$K0S_INSTALL_PATH/k0s"; ls -A "$K0S_INSTALL_PATH"; exit $code`;
      const { path = "" } = hosts[host] ?? {};
      const { code, stdout, stderr } = await install(host, {
        before: ["unshare", "--mount", "/bin/sh", "-c", small, "sh"],
        env: { INNER: path, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      });
      expect(stderr).toContain("MiB free");
      expect(stdout).toBe("the old one\nk0s\n");
      expect(code).toBe(1);
    },
    40_000,
  );

  test.skipIf(!asRoot)("who may not write there is told so before anything is downloaded", async () => {
    await withOld();
    const result = await install(host, { user: { uid: 65_534, gid: 65_534 } });
    await expectRefused(result, `cannot write to ${dir}`);
    expect(server.requests).toEqual([]);
  });

  test("a program that does not run here, or is another version, is not installed", async () => {
    await withOld();
    for (const [text, words] of [
      ["#!/bin/sh\nexit 3\n", "does not run on this host"],
      ["#!/bin/sh\necho v1.0.0\n", "says that it is v1.0.0"],
    ] as const) {
      const sum = createHash("sha256").update(text).digest("hex");
      change(name, { body: text });
      change("sha256sums.txt", { body: `${sum}  ${name}\n` });
      await expectRefused(await install(host), words);
    }
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s in the middle leaves nothing behind",
    async (signal) => {
      await withOld();
      change(name, { rest: "stalled" });
      const { argv, env } = invocation(host);
      const [program = "", ...args] = argv;
      const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "inherit", "pipe"] });
      const ended = Promise.withResolvers<number | null>();
      let told = "";
      child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString()));
      child.on("close", ended.resolve);
      while (
        !(await readdir(dir, { recursive: true })).some(
          (path) => path.includes(`.${child.pid}.`) && path.endsWith("/k0s"),
        )
      )
        await Bun.sleep(20);
      // Ctrl-C reaches all that runs on a terminal, others the shell alone.
      process.kill(signal === "SIGINT" ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
      expect(await ended.promise).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      expect(told).toContain("Interrupted; nothing was changed.");
      expect(await readdir(dir)).toEqual(["k0s"]);
      expect(await readFile(at("k0s"), "utf8")).toBe("the old one");
    },
    20_000,
  );
});

/** Refuses directories that others could change, as k0s does. */
const careful = `#!/bin/sh
dir=$K0S_RUNTIME_ROOT
while [ "$dir" != / ]; do
  case "$dir" in /*) ;; *) exit 3 ;; esac
  [ -z "$(/usr/bin/find "$dir" -prune -perm -020 ! -perm -1000)" ] || { echo "$dir is writable by others" >&2; exit 4; }
  dir=$(/usr/bin/dirname "$dir")
done
echo ${version}
`;

describe.each(["dash and curl", "busybox alone"])("what k0s unpacks itself to: %s", (host) => {
  const withCareful = async (env: Record<string, string>, cwd = home): Promise<RunResult> => {
    const sum = createHash("sha256").update(careful).digest("hex");
    change(name, { body: careful });
    change("sha256sums.txt", { body: `${sum}  ${name}\n` });
    const { argv, env: usualEnv } = invocation(host, { env });
    return run(argv[0] ?? "", argv.slice(1), { env: usualEnv, cwd, timeoutMs: 30_000 });
  };

  test("is another place if a group may write to the directory that it is installed to", async () => {
    await chmod(dir, 0o2775);
    const places = ["/tmp", "/run"];
    const before = await Promise.all(places.map((place) => readdir(place)));
    expect(await withCareful({})).toMatchObject({ code: 0 });
    expect(await readdir(dir)).toEqual(["k0s"]);
    for (const [index, place] of places.entries()) {
      const more = (await readdir(place)).filter((entry) => !before[index]?.includes(entry));
      expect(more.filter((entry) => entry.startsWith(".k0s-install."))).toEqual([]);
    }
  });

  test("has a whole name if the directory has not", async () => {
    expect(await withCareful({ K0S_INSTALL_PATH: "relative" }, dir)).toMatchObject({ code: 0 });
    expect(await readdir(at("relative"))).toEqual(["k0s"]);
  });
});

test("a second signal while the first one is seen to changes nothing", async () => {
  change(name, { rest: "stalled" });
  // Slow enough for the second one to come in the middle.
  const { path = "" } = hosts["dash and curl"] ?? {};
  const slow = join(home, "slow");
  await mkdir(slow);
  const text = `#!/bin/sh\n: >${at("removing")}\n/bin/sleep 0.5\nexec /bin/rm "$@"\n`;
  await writeFile(join(slow, "rm"), text, { mode: 0o755 });
  const { argv, env } = invocation("dash and curl", { env: { PATH: `${slow}:${path}` } });
  // words: the interrupted script says nothing that is looked at; its exit code is
  const child = spawn(argv[0] ?? "", argv.slice(1), { env, detached: true, stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const seen = async (end: string): Promise<void> => {
    while (!(await readdir(dir, { recursive: true })).some((found) => found.endsWith(end)))
      await Bun.sleep(20);
  };
  await seen("/k0s");
  process.kill(-(child.pid ?? 0), "SIGINT");
  await seen("removing");
  for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.kill(-(child.pid ?? 0), signal);
  expect(await ended).toBe(130);
  expect(await readdir(dir)).toEqual(["removing"]);
}, 20_000);

test.each(["dash and curl", "dash and wget"])(
  "%s: a server that falls silent is given up",
  async (host) => {
    await withOld();
    change(name, { rest: "stalled" });
    const script = join(home, "impatient.sh");
    const text = await readFile(installScript, "utf8");
    await writeFile(script, text.replace("silence=60", "silence=1").replace("--retry 3", "--retry 1"));
    await expectRefused(await install(host, { script }), `could not download ${name} whole`);
  },
  40_000,
);

describe.each(["dash and curl", "dash and wget"])("signatures: %s", (host) => {
  test("the release's own key is looked at, and a right signature accepted", async () => {
    const { code, stderr } = await install(host, { script: await signedScript() });
    expect(stderr).not.toContain("Error");
    expect(code).toBe(0);
    expect(await readdir(dir)).toEqual(["k0s"]);
    // Small things first: what is refused is not downloaded.
    expect(server.requests.map((path) => path.replace(/.*\//, ""))).toEqual([
      "sha256sums.txt",
      "sha256sums.txt.sig",
      name,
    ]);
  });

  test("by another key, or of other checksums: refused before anything is downloaded", async () => {
    await withOld();
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    await writeFile(join(home, "other.pub"), other.export({ type: "spki", format: "pem" }));
    const script = await signedScript();
    await expectRefused(
      await install(host, { script, env: { K0S_PUBLIC_KEY: join(home, "other.pub") } }),
      "are not signed by the key",
    );
    change("sha256sums.txt", { body: `${"0".repeat(64)}  ${name}\n` });
    await expectRefused(await install(host, { script }), "are not signed by the key");
    change("sha256sums.txt.sig", { body: "" });
    await expectRefused(await install(host, { script }), "are not signed by the key");
    files.delete(`/${version}/sha256sums.txt.sig`);
    await expectRefused(await install(host, { script }), "could not download");
    expect(server.requests).not.toContain(`/${version}/${name}`);
  }, 40_000);

  test("a key that is given is looked at, one that cannot be read is refused", async () => {
    await withOld();
    const absent = { K0S_PUBLIC_KEY: join(home, "absent") };
    await expectRefused(await install(host, { env: absent }), "cannot read the key");
    await writeFile(join(home, "right.pub"), signer.publicKey);
    const { code } = await install(host, { env: { K0S_PUBLIC_KEY: join(home, "right.pub") } });
    expect(code).toBe(0);
  });
});

test("without a program that verifies signatures k0s is not installed, unless that is asked for", async () => {
  await withOld();
  const script = await signedScript();
  await expectRefused(
    await install("busybox alone", { script }),
    "neither openssl nor cosign is installed, so the signature cannot be verified",
  );
  const { code } = await install("busybox alone", { script, env: { K0S_PUBLIC_KEY: "none" } });
  expect(code).toBe(0);
});

test("a script of a release needs no variable; it can be piped into a shell; the same file is not fetched again", async () => {
  const script = await signedScript();
  const { path = "" } = hosts["dash and curl"] ?? {};
  const pipe = () =>
    run("/bin/sh", ["-c", `cat ${script} | sh`], {
      env: { PATH: `${path}:/bin`, K0S_INSTALL_PATH: at("new directory") },
      timeoutMs: 30_000,
    });
  expect((await pipe()).code).toBe(0);
  expect(await readdir(at("new directory"))).toEqual(["k0s"]);
  const before = server.requests.length;
  expect((await pipe()).stderr).toContain(`is k0s ${version} already`);
  expect(server.requests.slice(before)).not.toContain(`/${version}/${name}`);
});

test("a script that is cut off does nothing", async () => {
  const text = await readFile(installScript, "utf8");
  for (const part of [0.3, 0.6, 0.9, 0.995]) {
    const script = join(home, "part.sh");
    await writeFile(script, text.slice(0, text.length * part));
    await install("dash and curl", { script });
    expect(await readdir(dir)).toEqual([]);
  }
  expect(server.requests).toEqual([]);
});

test("stable is read from the server; what a killed run has left is removed, that of one that runs is not", async () => {
  const { pid } = process;
  const stat = await readFile("/proc/self/stat", "utf8");
  // The 22nd field; the name of the program, the second one, may have blanks.
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  // Of processes that are not there, of an earlier one with this number, and without a start.
  for (const left of ["999999999.5.a", `${pid}.${Number(start) - 1}.a`, `${pid}`, `${pid}..a`])
    await mkdir(at(`.k0s-install.${left}`));
  const running = `.k0s-install.${pid}.${start}.a`;
  await mkdir(at(running));
  const { code } = await install("dash and curl", { env: { K0S_VERSION: "stable" } });
  expect(code).toBe(0);
  expect((await readdir(dir)).toSorted()).toEqual([running, "k0s"]);
});
