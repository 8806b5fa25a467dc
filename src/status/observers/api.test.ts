import { test } from "bun:test";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil } from "../../std/wait.ts";
import { apiProbe } from "./api.ts";

test("credentials that cannot be read are no answer of the API server, however long that takes", async () => {
  const stop = new AbortController();
  let hangs = false;
  const probe = apiProbe({
    client: () =>
      hangs
        ? new Promise(() => undefined)
        : Promise.resolve({ raw: () => Promise.reject(new Error("connection refused")) }),
    log: silentLogger(),
    limitMs: 20,
  });
  const running = probe.run(stop.signal);
  const until = (what: string, probed: () => boolean): Promise<unknown> =>
    pollUntil(probed, { what, intervalMs: 5, timeoutMs: 10_000 });
  await until("the first failure", () => probe.failure() === "connection refused");
  hangs = true;
  await until("the next failure", () => probe.failure() !== "connection refused");
  stop.abort();
  await running;
});
