import { expect, test } from "bun:test";
import { createKubeClient, type KubeClient } from "../../kube/client.ts";
import { bootstrapRoles } from "./bootstrap-roles.ts";
import { isReady, isServing } from "./readyz.ts";

const { signal } = new AbortController();

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
  expect(await isReady(client, signal)).toBe(true);
}, 20_000);

/** An API server whose roles are not made yet, and that has, or has not, those of an earlier start. */
function beginning(earlier: boolean) {
  const state = { made: false, asked: [] as string[] };
  const answerTo = ({ pathname, searchParams }: URL): Response => {
    state.asked.push(pathname);
    if (pathname !== "/readyz") return new Response("{}", { status: earlier || state.made ? 200 : 404 });
    const excluded = searchParams.getAll("exclude");
    const missing = ["rbac/bootstrap-roles", "scheduling/bootstrap-system-priority-classes"].filter(
      (name) => !state.made && !excluded.includes(`poststarthook/${name}`),
    );
    return new Response(missing.map((name) => `[-]${name} failed`).join("\n") || "ok", {
      status: missing.length === 0 ? 200 : 500,
    });
  };
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: ({ url }) => answerTo(new URL(url)) });
  const client: KubeClient = createKubeClient({ server: server.url.origin });
  return { state, client, [Symbol.dispose]: () => void server.stop(true) };
}

test("it serves before it has made its roles, and is ready after", async () => {
  using api = beginning(false);
  expect(await isServing(api.client, signal)).toBe(true);
  expect(await isReady(api.client, signal).catch(() => false)).toBe(false);
  api.state.made = true;
  expect(await isReady(api.client, signal)).toBe(true);
});

test("roles of an earlier start do, those of a new cluster are waited for", async () => {
  using again = beginning(true);
  const at = bootstrapRoles({ client: async () => again.client });
  await at.start(signal);
  await at.ready?.(signal);
  expect(again.state.asked).not.toContain("/readyz");

  using first = beginning(false);
  const roles = bootstrapRoles({ client: async () => first.client });
  await roles.start(signal);
  let ready = false;
  const waiting = roles.ready?.(signal).then(() => (ready = true));
  await Bun.sleep(200);
  expect([ready, first.state.asked.length > 2]).toEqual([false, true]);
  first.state.made = true;
  await waiting;
  expect(ready).toBe(true);
});
