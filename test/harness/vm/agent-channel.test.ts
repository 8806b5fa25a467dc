import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openChannel, orderLine, parseAnswer } from "./agent-channel.ts";

let dir: string;
let server: Server;
let sockets: Socket[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-channel-"));
  sockets = [];
  server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(join(dir, "port"), resolve));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("an order is one line, whatever the script is", () => {
  expect(orderLine(7, "echo 'a\nb'")).toBe(`7 ${base64("echo 'a\nb'")}\n`);
});

test("an answer has both outputs, which may be empty", () => {
  expect(parseAnswer(`7 1  ${base64("no\n")}`)).toEqual({
    number: 7,
    result: { code: 1, stdout: "", stderr: "no\n" },
  });
  expect(parseAnswer("7 1")).toBeUndefined();
});

test("each order gets the answer with its number", async () => {
  const channel = await openChannel(join(dir, "port"));
  const orders = [channel.run("first", 5_000), channel.run("second", 5_000)];
  const socket = await waitForSocket();
  socket.write(`2 3 ${base64("two")} \n1 0 ${base64("one")} \n`);
  expect((await Promise.all(orders)).map(({ code, stdout }) => [code, stdout])).toEqual([
    [0, "one"],
    [3, "two"],
  ]);
  channel.close();
});

test("a machine that ends, and one that never answers, are told", async () => {
  const channel = await openChannel(join(dir, "port"));
  expect(await failure(channel.run("sleep 100", 50))).toBe("no answer after 0.05 s: sleep 100");
  const order = failure(channel.run("reboot", 5_000));
  (await waitForSocket()).destroy();
  expect(await order).toBe("the machine has ended");
  expect(await failure(channel.run(":", 5_000))).toBe("the machine has ended");
});

async function waitForSocket(): Promise<Socket> {
  while (sockets[0] === undefined) await Bun.sleep(5);
  return sockets[0];
}

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (err: Error) => err.message,
  );
