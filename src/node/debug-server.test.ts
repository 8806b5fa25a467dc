import { expect, test } from "bun:test";
import { type Logged, recordingLog } from "../supervisor/testdata/recording-log.ts";
import { debugAddress, debugServer } from "./debug-server.ts";

test("an address without host means this host alone", () => {
  expect(debugAddress(":6060")).toEqual({ hostname: "127.0.0.1", port: 6060 });
  expect(debugAddress("0.0.0.0:1")).toEqual({ hostname: "0.0.0.0", port: 1 });
  expect(debugAddress("[::1]:6060")).toEqual({ hostname: "::1", port: 6060 });
  for (const bad of ["", "6060", "host", "host:99999"])
    expect(() => debugAddress(bad)).toThrow("is no address");
});

test("tells about the process; a port that is taken is no reason to fail", async () => {
  const lines: Logged[] = [];
  const options = { listenOn: ":0", statuses: () => [], log: recordingLog(lines) };
  const { signal } = new AbortController();
  const server = debugServer(options);
  await server.start(signal);
  const address = String(lines[0]?.fields["address"]);
  const memory = (await (await fetch(`http://${address}/debug/memory`)).json()) as {
    process: { rss: number };
  };
  expect(memory.process.rss).toBeGreaterThan(0);
  expect((await fetch(`http://${address}/`)).status).toBe(404);
  const second = debugServer({ ...options, listenOn: address });
  await second.start(signal);
  expect(lines.at(-1)?.message).toBe("The debug listener cannot be opened");
  await second.stop();
  await server.stop();
});
