// The host's side of a channel to a machine's agent (guest-agent.ts): one order at a time, each with its own answer.

import { connect, type Socket } from "node:net";
import type { ExecResult } from "../../../src/sandbox/machine.ts";

export interface AgentChannel {
  /** Runs a shell script; rejects when the machine is gone or the time is over. */
  run(script: string, timeoutMs: number): Promise<ExecResult>;
  close(): void;
}

export function orderLine(number: number, script: string): string {
  return `${number} ${Buffer.from(script).toString("base64")}\n`;
}

/** Undefined for what is not a whole answer. */
export function parseAnswer(
  line: string,
): { readonly number: number; readonly result: ExecResult } | undefined {
  const [, number, code, stdout = "", stderr = ""] = /^(\d+) (\d+) (\S*) (\S*)$/.exec(line) ?? [];
  if (number === undefined) return undefined;
  const text = (base64: string): string => Buffer.from(base64, "base64").toString();
  return {
    number: Number(number),
    result: { code: Number(code), stdout: text(stdout), stderr: text(stderr) },
  };
}

/** `path`: qemu's end of the port. */
export async function openChannel(path: string): Promise<AgentChannel> {
  const socket = await connected(path);
  const waiting = new Map<number, { resolve: (result: ExecResult) => void; reject: (err: Error) => void }>();
  let gone: Error | undefined;
  let last = 0;
  const onLine = (line: string): void => {
    const answer = parseAnswer(line);
    if (answer === undefined) return;
    waiting.get(answer.number)?.resolve(answer.result);
    waiting.delete(answer.number);
  };
  let begun: string[] = [];
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    const [rest = "", ...lines] = chunk.split("\n").toReversed();
    for (const line of lines.toReversed()) {
      onLine([...begun, line].join(""));
      begun = [];
    }
    begun.push(rest);
  });
  const lost = (err?: Error): void => {
    gone ??= new Error("the machine has ended", { cause: err });
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  socket.on("error", lost);
  socket.on("close", () => lost());
  return {
    run: (script, timeoutMs) => {
      if (gone !== undefined) return Promise.reject(gone);
      const number = ++last;
      const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
      waiting.set(number, { resolve, reject });
      const timer = setTimeout(() => {
        waiting.delete(number);
        reject(new Error(`no answer after ${timeoutMs / 1_000} s: ${script}`));
      }, timeoutMs);
      socket.write(orderLine(number, script));
      return promise.finally(() => clearTimeout(timer));
    },
    close: () => void socket.destroy(),
  };
}

function connected(path: string): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(path);
  socket.once("connect", () => resolve(socket));
  socket.once("error", reject);
  return promise;
}
