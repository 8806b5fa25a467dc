import { expect, test } from "bun:test";
import { dirname } from "node:path";
import { createStatusServer, type StatusSources } from "../../status/server.ts";
import { errorMessage } from "../../std/errors.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { testIo } from "../core/test-io.ts";
import { withRunningK0s } from "../core/testdata/running-k0s.ts";
import { invalidateTokens, tokenCreate, tokenInvalidate } from "./manage.ts";

test("says which tokens were there, and fails for those that were not", async () => {
  const io = testIo({});
  const remove = async (id: string): Promise<boolean> => id === "abc123";
  const err = await invalidateTokens(["nosuch", "abc123", "nosuc2"], remove, io).catch((one: unknown) => one);
  expect(err).toMatchObject({ message: "there is no join token nosuch, nosuc2", code: "no-such-token" });
  expect(io.stdout()).toBe("token abc123 deleted successfully\n");
});

test.each(["", "../../default/secrets/x"])("%j is refused before anybody is asked", async (id) => {
  const flags = { dataDir: "/nonexistent", statusSocket: "" };
  expect(tokenInvalidate(flags, ["abc123", id], testIo({ root: false }))).rejects.toThrow("is no token");
});

test("with SQLite no controller can join, which is said before any token is made", async () => {
  await withRunningK0s("spec: {storage: {type: kine}}", async (flags) => {
    const sources: StatusSources = {
      version: "v1.37.2+k0s.0",
      role: "controller",
      workloads: false,
      singleNode: false,
      startedAt: new Date(),
      k0sVars: {},
      clusterConfig: () => null,
      componentStatuses: () => [],
      observer: {
        apiFailure: () => null,
        hostProblems: () => [],
        clusterProblems: () => [],
        readiness: () => ({ ready: true, nodeReady: true, waitingFor: [], readyPods: 0 }),
        details: () => ({}),
      },
    };
    const runDir = dirname(flags.statusSocket);
    const server = createStatusServer({
      socketPath: flags.statusSocket,
      runDir,
      sources,
      log: silentLogger(),
    });
    await server.start(new AbortController().signal);
    try {
      const io = testIo({ root: false });
      const create = (role: string): Promise<unknown> =>
        tokenCreate({ ...flags, role, expiry: 60_000, wait: false }, io).catch(errorMessage);
      expect(await create("controller")).toBe(
        "refusing to create token: cannot join controller into current storage",
      );
      // A worker can: what is missing here is a control plane that would know its token.
      expect(await create("worker")).not.toContain("cannot join");
      expect(io.stdout()).toBe("");
    } finally {
      await server.stop();
    }
  });
});
