import { expect, test } from "bun:test";
import { KubeError } from "../kube/errors.ts";
import { createBudget } from "../std/budget.ts";
import { createStackLists } from "./stack-lists.ts";
import { markObject } from "./stack-labels.ts";
import { fakeApiServer } from "./testdata/fake-api-server.ts";

const configMaps = { apiVersion: "v1", kind: "ConfigMap" };

/** A server that answers when it is told to. */
async function world() {
  const api = fakeApiServer();
  for (const stack of ["a", "b", "c"]) await put(stack, `of-${stack}`);
  async function put(stack: string, name: string): Promise<void> {
    const object = { ...configMaps, metadata: { name, namespace: "default" } };
    await api.client.create(markObject(stack, object, "o"), { fieldManager: "k0s" });
  }
  const asked: { query: string; answer: (err?: Error) => void }[] = [];
  api.before = async ({ path, method = "GET" }) => {
    if (method !== "GET") return;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    asked.push({ query: new URL(path, "http://x").searchParams.get("labelSelector") ?? "", answer: resolve });
    const err = await promise;
    if (err !== undefined) throw err;
  };
  const signal = AbortSignal.timeout(20_000);
  const lists = createStackLists({ client: api.client, budget: createBudget(4), signal });
  const list = async (stack: string) =>
    (await lists.of(stack)(configMaps)).map(({ ref }) => ref.name).join(" ");
  return { asked, list, put };
}
const label = "k0s.k0sproject.io/stack";

test("who asks while a list is under way shares the next one, and sees what was there when it asked", async () => {
  const { asked, list, put } = await world();
  const first = list("a");
  await Bun.sleep(5);
  const second = list("b");
  await put("c", "written-meanwhile");
  const others = [list("c"), list("none")];
  await Bun.sleep(5);
  expect(asked.map(({ query }) => query)).toEqual([`${label}=a`]);
  asked[0]?.answer();
  expect(await first).toBe("of-a");
  await Bun.sleep(5);
  // One that comes after the second has begun is not of it.
  const last = list("a");
  await Bun.sleep(5);
  expect(asked.map(({ query }) => query)).toEqual([`${label}=a`, label]);
  asked[1]?.answer();
  expect(await second).toBe("of-b");
  expect(await Promise.all(others)).toEqual(["of-c written-meanwhile", ""]);
  await Bun.sleep(5);
  asked[2]?.answer();
  expect(await last).toBe("of-a");
  expect(asked[2]?.query).toBe(`${label}=a`);
});

test("a list that fails fails for all who share it, and for nobody else", async () => {
  const { asked, list } = await world();
  const failed = list("a").catch(String);
  await Bun.sleep(5);
  const next = [list("b"), list("c")];
  asked[0]?.answer(new KubeError({ status: 500, reason: "InternalError", message: "no" }));
  expect(await failed).toContain("no");
  await Bun.sleep(5);
  asked[1]?.answer();
  expect(await Promise.all(next)).toEqual(["of-b", "of-c"]);
});
