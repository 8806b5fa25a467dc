import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses, processArguments } from "../../os/processes.ts";
import { pollUntil } from "../../std/wait.ts";
import { createHelm, HelmError } from "./helm.ts";
import { execSelf } from "../../os/testdata/exec-self.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-helm-run-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function helmThat(script: string) {
  const path = join(dir, `${crypto.randomUUID()}.sh`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return createHelm({
    program: async () => path,
    binDir: dir,
    self: execSelf,
    noProxy: () => ["10.0.0.0/8"],
  });
}
const names = new Map([["/w/values-0.yaml", "the values"]]);
const call = (...args: string[]) => ({
  args,
  workspace: { dir, names },
  secrets: ["s3cret"],
  limitMs: 60_000,
});
const signal = () => AbortSignal.timeout(60_000);

test("it gets its arguments, a home of its own and no variables of the user", async () => {
  process.env["HELM_KUBETOKEN"] = "of-the-user";
  try {
    const helm = await helmThat('echo "$HOME $PWD $HELM_KUBETOKEN|$@"');
    expect(await helm.run(call("a", "b c"), signal())).toBe(`${dir} ${dir} |a b c\n`);
  } finally {
    delete process.env["HELM_KUBETOKEN"];
  }
});

test("what it says when it fails is the error, without passwords", async () => {
  const helm = await helmThat("echo WARNING: x >&2; echo Error: no s3cret here >&2; exit 1");
  const failure = await helm.run(call(), signal()).catch((err: unknown) => err);
  expect(failure).toBeInstanceOf(HelmError);
  expect((failure as Error).message).toBe("no xxxxx here");
  const unread = await helmThat("echo Error: failed to parse /w/values-0.yaml: line 2 >&2; exit 1");
  expect(unread.run(call(), signal())).rejects.toThrow("failed to parse the values: line 2");
  const silent = await helmThat("exit 3");
  expect(silent.run(call(), signal())).rejects.toThrow("helm exited with code 3");
  const killed = await helmThat("kill -9 $$");
  expect(killed.run(call(), signal())).rejects.toThrow("helm was ended by SIGKILL");
});

test("one that hangs is killed, and so is one that nobody waits for any more", async () => {
  const mark = crypto.randomUUID();
  const isThere = async (): Promise<boolean> => {
    const all = await Promise.all((await listProcesses()).map(({ pid }) => processArguments(pid)));
    return all.some((args) => args.includes(mark));
  };
  const helm = await helmThat("sleep 1000");
  expect(helm.run({ ...call(mark), limitMs: 300 }, signal())).rejects.toThrow(
    "helm did not end within 300ms",
  );
  const stopping = new AbortController();
  const running = helm.run(call(mark), stopping.signal).catch((err: unknown) => err);
  await pollUntil(isThere, { what: "it to run", intervalMs: 20, timeoutMs: 60_000 });
  stopping.abort(new Error("the term is over"));
  expect(await running).toEqual(new Error("the term is over"));
  await pollUntil(async () => !(await isThere()), { what: "it to end", intervalMs: 20, timeoutMs: 60_000 });
});
