// With `--debug`: facts about this process itself, over HTTP on `--debugListenOn`. Upstream serves Go's profiles there, on
// every interface; ours answers on loopback unless another host is named, and shows nothing that holds a secret.

import { heapStats } from "bun:jsc";
import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Component, ComponentStatus } from "../supervisor/component.ts";

export interface DebugServerOptions {
  /** `[host]:port`. */
  readonly listenOn: string;
  readonly statuses: () => readonly ComponentStatus[];
  readonly log: Logger;
}

export function debugServer({ listenOn, statuses, log }: DebugServerOptions): Component {
  let server: Bun.Server<undefined> | undefined;
  const pages: Readonly<Record<string, () => unknown>> = {
    "/debug/memory": () => ({ process: process.memoryUsage(), heap: heapStats() }),
    "/debug/cpu": () => ({ seconds: process.uptime(), ...process.resourceUsage() }),
    "/debug/components": statuses,
  };
  return {
    name: "debug",
    async start() {
      const address = debugAddress(listenOn);
      try {
        server = Bun.serve({
          ...address,
          fetch: (request) => {
            const page = pages[new URL(request.url).pathname];
            return page === undefined
              ? Response.json(Object.keys(pages), { status: 404 })
              : Response.json(page());
          },
        });
        log.info("Debug listener is open", { address: `${server.hostname}:${server.port}` });
      } catch (err) {
        // It is only for people who look: it must not stop the node.
        log.warn("The debug listener cannot be opened", { listenOn, err: errorMessage(err) });
      }
    },
    async stop() {
      await server?.stop(true);
    },
  };
}

export function debugAddress(listenOn: string): { hostname: string; port: number } {
  const [, host = "", text = ""] = /^(.*):(\d+)$/.exec(listenOn) ?? [];
  const port = Number(text);
  if (text === "" || port > 65_535) {
    throw new UserError(`--debugListenOn: ${JSON.stringify(listenOn)} is no address`, {
      hint: "Write host:port, or :port for this host alone.",
      code: "bad-address",
    });
  }
  return { hostname: host === "" ? "127.0.0.1" : host.replaceAll(/^\[|\]$/g, ""), port };
}
