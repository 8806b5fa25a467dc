// Tells `k0s status` how the worker is, over a pipe: everyone who connects gets one document and the end. Windows' pipes are not
// what the status server of Linux can listen on; upstream's speaks HTTP there.

import { connect, createServer, type Server } from "node:net";
import * as z from "zod";
import { errno, UserError } from "../../std/errors.ts";
import { parsedJson } from "../../std/json.ts";
import type { Component, ComponentStatus } from "../../supervisor/component.ts";

const reportSchema = z.object({
  version: z.string(),
  pid: z.number(),
  node: z.string(),
  startedAt: z.string(),
  /** What it waits for before it can go on. */
  problem: z.string().optional(),
  components: z.array(z.object({ name: z.string(), state: z.string(), error: z.string().optional() })),
});

export type WindowsStatus = z.output<typeof reportSchema>;

export function componentStates(statuses: readonly ComponentStatus[]): WindowsStatus["components"] {
  return statuses.map(({ name, state, lastError, waitingFor }) => {
    const error = lastError ?? (waitingFor === undefined ? undefined : `waits for ${waitingFor}`);
    return { name, state, ...(error === undefined ? {} : { error }) };
  });
}

export function statusPipeServer(pipe: string, report: () => WindowsStatus): Component {
  let server: Server | undefined;
  return {
    name: "status-server",
    start: async () => {
      const listening = createServer((client) => {
        // The one that asked may have gone.
        client.on("error", () => client.destroy());
        client.end(JSON.stringify(report()));
      });
      server = listening;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      listening.once("error", reject);
      listening.listen(pipe, resolve);
      await promise;
    },
    stop: async () => void server?.close(),
  };
}

const answerMs = 10_000;

/** Throws a UserError where no k0s answers. */
export async function readStatusPipe(pipe: string, signal: AbortSignal): Promise<WindowsStatus> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stop = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  const client = connect(pipe);
  let text = "";
  client.setEncoding("utf8").on("data", (chunk) => (text += String(chunk)));
  client.once("end", () => resolve(text)).once("error", reject);
  stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  try {
    const parsed = reportSchema.safeParse(parsedJson(await promise));
    if (parsed.success) return parsed.data;
    throw new UserError(`what answers at ${pipe} is not this release of k0s`, { code: "bad-status" });
  } catch (err) {
    if (errno(err) !== "ENOENT" && errno(err) !== "ECONNREFUSED") throw err;
    throw new UserError("k0s does not run on this host", { code: "not-running", cause: err });
  } finally {
    client.destroy();
  }
}
