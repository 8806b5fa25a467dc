// Requests of a leader whose term has run out without it noticing: none that writes reaches the server.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { kubeClientOn } from "./client.ts";
import { whileLeading } from "./leading-client.ts";
import { createTransport } from "./transport.ts";

let methods: string[];
let answer: () => Response;
let lapsed: boolean;
let server: Bun.Server<undefined>;
beforeEach(() => {
  methods = [];
  lapsed = false;
  answer = () => Response.json({});
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      methods.push(request.method);
      return answer();
    },
  });
});
afterEach(() => server.stop(true));

const leading = () =>
  whileLeading(
    kubeClientOn(createTransport({ server: `http://127.0.0.1:${server.port}`, credentials: () => ({}) })),
    {
      assertTerm() {
        if (lapsed) throw new Error("the term is over");
      },
    },
  );

const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "b" } };
const ref = { apiVersion: "v1", kind: "ConfigMap", name: "a", namespace: "b" };

test("every kind of write asks first; what only reads does not", async () => {
  const client = leading();
  const writes: readonly (() => Promise<unknown>)[] = [
    () => client.create(map),
    () => client.update(map),
    () => client.patch(ref, "merge", {}),
    () => client.apply(map, { fieldManager: "k0s" }),
    () => client.delete(ref),
    () => client.raw("/api/v1/x", { method: "POST", body: "{}" }),
  ];
  for (const write of writes) await write();
  expect(methods).toEqual(["POST", "PUT", "PATCH", "PATCH", "DELETE", "POST"]);
  lapsed = true;
  for (const write of writes) expect(await write().catch(String)).toBe("Error: the term is over");
  await client.get(ref);
  await client.raw("/readyz");
  expect(methods.slice(writes.length)).toEqual(["GET", "GET"]);
});

test("a further try of a write asks again", async () => {
  answer = () => {
    lapsed = true;
    return Response.json({ kind: "Status", code: 429, reason: "TooManyRequests" }, { status: 429 });
  };
  expect(await leading().update(map).catch(String)).toBe("Error: the term is over");
  expect(methods).toEqual(["PUT"]);
});
