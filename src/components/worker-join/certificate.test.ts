// A node that waits for its certificate, on a server that counts what it is asked.

import { afterEach, expect, test } from "bun:test";
import { createKubeClient } from "../../kube/client.ts";
import { pollUntil } from "../../std/wait.ts";
import { requestNodeCertificate } from "./certificate.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const object = (version: number, status: object = {}): object => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name: "node-csr-x", resourceVersion: `${version}` },
  status,
});
const signed = { certificate: Buffer.from("PEM").toString("base64") };

type Watch = (write: (type: string, of: object) => void, end: () => void) => void;

/** Answers watches one after the other as the test says; the last one again and again. */
function serve(...watches: (Watch | Response)[]) {
  const asked = { creates: 0, gets: 0, watches: 0 };
  let state = object(1);
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request): Response {
      const url = new URL(request.url);
      if (request.method === "POST") {
        asked.creates += 1;
        return Response.json(state, { status: 201 });
      }
      if (!url.searchParams.has("watch")) {
        asked.gets += 1;
        return Response.json(state);
      }
      const watch = watches[Math.min(asked.watches, watches.length - 1)];
      asked.watches += 1;
      if (watch === undefined || watch instanceof Response)
        return (watch?.clone() as Response | undefined) ?? new Response("");
      const body = new ReadableStream({
        start(controller) {
          const send = (type: string, of: object): void => {
            state = of;
            controller.enqueue(new TextEncoder().encode(`${JSON.stringify({ type, object: of })}\n`));
          };
          watch(send, () => controller.close());
        },
      });
      return new Response(body);
    },
  });
  cleanups.push(() => void server.stop(true));
  const stop = new AbortController();
  cleanups.push(() => stop.abort());
  const request = requestNodeCertificate(
    createKubeClient({ server: `http://127.0.0.1:${server.port}` }),
    "w1",
    { signal: stop.signal, onDelay: () => undefined },
  );
  request.catch(() => undefined);
  return { asked, request };
}

test("one watch brings the certificate, however long that takes", async () => {
  const approval = Promise.withResolvers<void>();
  const { asked, request } = serve((write) => {
    void approval.promise.then(() => {
      write("MODIFIED", object(2, { conditions: [{ type: "Approved" }] }));
      write("MODIFIED", object(3, signed));
    });
  });
  await pollUntil(() => asked.watches === 1, { what: "the watch", intervalMs: 5, timeoutMs: 10_000 });
  await Bun.sleep(500);
  approval.resolve();
  expect((await request).cert).toBe("PEM");
  expect(asked).toEqual({ creates: 1, gets: 0, watches: 1 });
});

test("a watch that ends before the decision is followed by another one, of the same request", async () => {
  const { asked, request } = serve(
    (_, end) => end(),
    (write) => write("MODIFIED", object(3, signed)),
  );
  expect((await request).cert).toBe("PEM");
  expect(asked).toEqual({ creates: 1, gets: 1, watches: 2 });
});

test("a busy server is left alone for as long as it asks", async () => {
  const busy = Response.json(
    { kind: "Status", code: 429 },
    { status: 429, headers: { "retry-after": "60" } },
  );
  const { asked } = serve(busy);
  await pollUntil(() => asked.watches === 1, { what: "the watch", intervalMs: 5, timeoutMs: 10_000 });
  await Bun.sleep(400);
  expect(asked).toEqual({ creates: 1, gets: 0, watches: 1 });
});

test("a request that is turned down or deleted ends the wait", async () => {
  const denied = { conditions: [{ type: "Denied", message: "not known" }] };
  expect(serve((write) => write("MODIFIED", object(2, denied))).request).rejects.toThrow(
    "turned down: not known",
  );
  const deleted = serve((write) => write("DELETED", object(2))).request;
  expect(deleted).rejects.toThrow("was deleted before it was decided");
  await Promise.allSettled([deleted]);
});

test("what waiting does not cure is thrown", async () => {
  const forbidden = Response.json({ kind: "Status", code: 403, message: "no" }, { status: 403 });
  expect(serve(forbidden).request).rejects.toThrow("no");
});
