import { expect, test } from "bun:test";
import { silentLogger } from "../../std/logfmt.ts";
import { pollUntil } from "../../std/wait.ts";
import { apiProbe, NoCredentialsYet } from "./api.ts";

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

test("before a node has credentials nobody has asked", async () => {
  const stop = new AbortController();
  let joined = false;
  let tries = 0;
  const client = (): Promise<never> => {
    tries++;
    return Promise.reject(joined ? new Error("damaged kubeconfig") : new NoCredentialsYet("not yet"));
  };
  const probe = apiProbe({ client, log: silentLogger() });
  const running = probe.run(stop.signal);
  const until = (what: string, probed: () => boolean): Promise<unknown> =>
    pollUntil(probed, { what, intervalMs: 5, timeoutMs: 20_000 });
  await until("a second try", () => tries === 2);
  expect(probe.failure()).toBeUndefined();
  joined = true;
  await until("a failure", () => probe.failure() === "damaged kubeconfig");
  stop.abort();
  await running;
}, 30_000);

test("while others have answers nobody asks, and once they have none it is asked again", async () => {
  const stop = new AbortController();
  let answeredAt = performance.now();
  let asked = 0;
  const probe = apiProbe({
    client: async () => ({ raw: () => Promise.reject(new Error(`refused ${++asked}`)) }),
    log: silentLogger(),
    sinceAnswerMs: () => performance.now() - answeredAt + 4_900,
  });
  const running = probe.run(stop.signal);
  const until = (what: string, probed: () => boolean): Promise<unknown> =>
    pollUntil(probed, { what, intervalMs: 5, timeoutMs: 10_000 });
  await until("the first look", () => probe.failure() === null);
  expect(asked).toBe(0);
  answeredAt = Number.NEGATIVE_INFINITY;
  await until("two failures", () => probe.failure() === "refused 2");
  stop.abort();
  await running;
});
