import { expect, test } from "bun:test";
import { createKubeClient } from "../../kube/client.ts";
import { isReady } from "./readyz.ts";

test("an answer that takes seconds is heard", async () => {
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async () => {
      await Bun.sleep(2_500);
      return new Response("ok");
    },
  });
  const client = createKubeClient({ server: server.url.origin });
  expect(await isReady(client, new AbortController().signal)).toBe(true);
}, 20_000);
