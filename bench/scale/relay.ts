// What the balancer of API traffic costs: the same client at three servers, directly and through the balancer.

import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ticksPerSecond, usedTicks } from "../in-machine/processor-use.ts";
import type { Figures } from "./step.ts";

const program = join(import.meta.dir, "../in-machine/relay.ts");

interface Side extends AsyncDisposable {
  readonly pid: number;
  readonly port: string;
}

/** A process that tells its port and serves until it is ended. */
async function startSide(...args: readonly string[]): Promise<Side> {
  const child = Bun.spawn([process.execPath, program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await Array.fromAsync(firstLine(child.stdout));
  if (port === undefined) throw new Error(`the ${args[0]} of the relay has not begun`);
  return {
    pid: child.pid,
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.exited;
    },
  };
}

async function* firstLine(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const line of createInterface({ input: Readable.fromWeb(stream as never) })) {
    yield line;
    return;
  }
}

async function client(port: string, connections: number, megabytes: number): Promise<Figures> {
  const args = [process.execPath, program, "client", port, String(connections), String(megabytes)];
  const child = Bun.spawn(args, { stdio: ["ignore", "pipe", "inherit"] });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the client of the relay failed");
  return JSON.parse(text) as Figures;
}

/** Latency in milliseconds, `seconds of processor time a gigabyte` of the balancer, gigabits a second. */
export async function measureRelay(connections: number, megabytes: number): Promise<Figures> {
  await using one = await startSide("server");
  await using two = await startSide("server");
  await using three = await startSide("server");
  const addresses = [one, two, three].map(({ port }) => `127.0.0.1:${port}`);
  await using balancer = await startSide("balancer", ...addresses);
  const direct = await client(one.port, connections, megabytes);
  const before = await usedTicks(String(balancer.pid));
  const through = await client(balancer.port, connections, megabytes);
  const used = ((await usedTicks(String(balancer.pid))) - before) / ticksPerSecond;
  const figure = (from: Figures, name: string): number => from[name] ?? Number.NaN;
  const gigabytes = figure(through, "gigabytes");
  return {
    connections,
    gigabytes,
    "direct p50": figure(direct, "p50"),
    "direct p99": figure(direct, "p99"),
    "direct Gbit/s": (figure(direct, "gigabytes") * 8) / figure(direct, "seconds"),
    "balanced p50": figure(through, "p50"),
    "balanced p99": figure(through, "p99"),
    "balanced Gbit/s": (gigabytes * 8) / figure(through, "seconds"),
    "milliseconds to open one": figure(through, "openMs") / connections,
    "balancer seconds a gigabyte": used / gigabytes,
  };
}
