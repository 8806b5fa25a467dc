import { expect, test } from "bun:test";
import { httpHealth } from "./http-health.ts";

test("a verdict is one by its status; a refusal is an answer only where that is said", async () => {
  let status = 200;
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("[+]ping ok\n[-]leader failed: reason withheld\n", { status }),
  });
  const url = `http://127.0.0.1:${server.port}/healthz`;
  const ask = (refusalIsAnswer?: boolean): Promise<unknown> =>
    httpHealth(url, {
      signal: AbortSignal.timeout(5_000),
      ...(refusalIsAnswer === undefined ? {} : { refusalIsAnswer }),
    }).catch((err: Error) => err.message);
  expect(await ask()).toBe(true);
  for (status of [401, 403]) {
    expect(await ask()).toContain(`/healthz answers ${status}: leader failed: reason withheld`);
    expect(await ask(true)).toBe(true);
  }
  status = 500;
  expect(await ask(true)).toContain("answers 500");
});
