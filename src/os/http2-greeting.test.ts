import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer as http2Server } from "node:http2";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { greetsHttp2 } from "./http2-greeting.ts";

const soon = (): AbortSignal => AbortSignal.timeout(2_000);

test("only a server that speaks is one: not a file, not a stranger, not one that is frozen", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-http2-"));
  const listen = async (name: string, server: ReturnType<typeof createServer>): Promise<string> => {
    const path = join(dir, name);
    await new Promise<void>((resolve) => server.listen(path, () => resolve()));
    return path;
  };
  const http2 = http2Server();
  const stranger = createServer((socket) => void socket.end("220 mail.example ESMTP\r\n"));
  const mute = createServer(() => undefined);
  expect(await greetsHttp2(await listen("http2", http2), soon())).toBe(true);
  expect(await greetsHttp2(await listen("stranger", stranger), soon())).toBe(false);
  expect(await greetsHttp2(join(dir, "nobody"), soon())).toBe(false);
  const path = await listen("mute", mute);
  expect(greetsHttp2(path, AbortSignal.timeout(50))).rejects.toThrow("timed out");
  for (const server of [http2, stranger, mute]) server.close();
  rmSync(dir, { recursive: true, force: true });
});
