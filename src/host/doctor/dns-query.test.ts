import { afterEach, expect, test } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { askDns, question, readAnswer } from "./dns-query.ts";

const servers: Socket[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A name server that answers with `respond`; its port. */
async function nameServer(respond: (query: Buffer) => Buffer | undefined): Promise<number> {
  const server = createSocket("udp4");
  servers.push(server);
  server.on("message", (query, { port, address }) => {
    const answer = respond(query);
    if (answer !== undefined) server.send(answer, port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** The query again, as an answer with a response code and a number of records. */
function answerTo(query: Buffer, rcode: number, answers: number): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE(0x8180 | rcode, 2);
  answer.writeUInt16BE(answers, 6);
  return answer;
}

const ask = (port: number, timeoutMs = 2_000) =>
  askDns(
    "kubernetes.default.svc.cluster.local.",
    { address: "127.0.0.1", port },
    { timeoutMs, signal: AbortSignal.timeout(5_000) },
  );

test("a question as RFC 1035 has it", () => {
  const bytes = question("a.bc.", 7, 1);
  expect(bytes.toString("hex")).toBe("00070100000100000000000001610262630000010001");
});

test("an answer with an address, one without, and an error", async () => {
  expect(await ask(await nameServer((query) => answerTo(query, 0, 1)))).toEqual({ kind: "answered" });
  expect(await ask(await nameServer((query) => answerTo(query, 0, 0)))).toEqual({
    kind: "refused",
    why: "the answer has no address",
  });
  expect(await ask(await nameServer((query) => answerTo(query, 3, 0)))).toEqual({
    kind: "refused",
    why: "NXDOMAIN",
  });
});

test("nobody who answers, in time", async () => {
  const started = performance.now();
  expect(await ask(await nameServer(() => undefined), 200)).toEqual({
    kind: "silent",
    why: "no answer within 200ms",
  });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("what is no answer to this question is passed over", () => {
  const query = question("a.", 7, 1);
  expect(readAnswer(query, 7)).toBeUndefined();
  expect(readAnswer(answerTo(query, 0, 1), 8)).toBeUndefined();
  expect(readAnswer(Buffer.alloc(3), 7)).toBeUndefined();
});
