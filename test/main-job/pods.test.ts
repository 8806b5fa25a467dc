import { expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allReady, findCrash, type Pod, podsReady } from "./pods.ts";

type Container = NonNullable<Pod["status"]["containerStatuses"]>[number];

function pod(name: string, container: Partial<Container>): Pod {
  const status: Container = { name: "web", image: "localhost/k0s/web:1", ready: false, ...container };
  return { metadata: { name }, status: { containerStatuses: [status] } };
}

const ready = pod("ready", { ready: true, state: {} });
const crashed = pod("crashed", { state: { terminated: { exitCode: 139 } } });
const startedAgain = pod("again", {
  state: { waiting: { reason: "CrashLoopBackOff" } },
  lastState: { terminated: { exitCode: 132 } },
});
const failed = pod("failed", { lastState: { terminated: { exitCode: 1 } } });
const stopped = pod("stopped", { lastState: { terminated: { exitCode: 143 } } });

test("a crash is found in the present and in the last run, other ends are none", () => {
  expect(findCrash([ready, failed, stopped, crashed])).toMatchObject({ pod: "crashed", code: 139 });
  expect(findCrash([ready, startedAgain])).toMatchObject({ pod: "again", code: 132 });
  expect(findCrash([ready, failed, stopped])).toBeUndefined();
  const inInit = {
    ...ready,
    status: { ...ready.status, initContainerStatuses: crashed.status.containerStatuses! },
  };
  expect(findCrash([inInit])).toMatchObject({ pod: "ready", code: 139 });
});

test("all are ready when there are enough, and none is not", () => {
  expect(allReady([ready], 1)).toBe(true);
  expect(allReady([ready], 2)).toBe(false);
  expect(allReady([ready, failed], 2)).toBe(false);
  expect(allReady([{ metadata: { name: "new" }, status: {} }], 1)).toBe(false);
});

/** What waiting says with a kubectl that shows these pods. */
async function wait(pods: readonly Pod[], timeoutMs = 3_600_000): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-pods-"));
  try {
    await writeFile(join(dir, "pods.json"), JSON.stringify({ items: pods }));
    const script = `#!/bin/sh\ncase "$*" in *json) cat ${dir}/pods.json;; logs*) echo last words;; *) echo a table;; esac\n`;
    await writeFile(join(dir, "kubectl"), script);
    await chmod(join(dir, "kubectl"), 0o755);
    const options = { kubectl: [join(dir, "kubectl")], count: 1, intervalMs: 20, timeoutMs };
    return await podsReady(options).then(
      () => "ready",
      (err: Error) => err.message,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test("waiting ends with the pods, with a crash by name, or with what there is", async () => {
  expect(await wait([ready])).toBe("ready");
  expect(await wait([ready, crashed])).toBe(
    "the program of pod crashed (image localhost/k0s/web:1) crashed with SIGSEGV (segmentation fault):\nlast words",
  );
  expect(await wait([failed], 200)).toBe("the pods were not ready within 0.2 s:\na table\n");
});
