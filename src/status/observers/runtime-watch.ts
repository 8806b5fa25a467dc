// What runs on this host, from the container runtime itself.

import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import type { Logger } from "../../std/log.ts";
import { keptConnection } from "../../std/kept-connection.ts";
import { createLoop } from "../../std/loop.ts";
import { runtimeTexts } from "./runtime.ts";

export interface RuntimeWatch {
  run(signal: AbortSignal): Promise<void>;
  /** Ids of the containers that run; undefined while the runtime does not answer. */
  running(): ReadonlySet<string> | undefined;
  /** Pods of all namespaces whose sandbox is up; undefined while the runtime does not answer. */
  pods(): number | undefined;
  /** For a person. */
  details(): Readonly<Record<string, string>>;
}

type Client = Pick<ReturnType<RuntimeAccess["connect"]>, "podSandboxes" | "runningContainers"> & Disposable;

export interface RuntimeWatchOptions {
  readonly runtime: { readonly connect: () => Client } & Pick<RuntimeAccess, "facts" | "lastFacts">;
  readonly log: Logger;
  /** Nobody waits for a pod that may have started. */
  readonly well: () => boolean;
  /** Called after each look. */
  readonly onLook?: () => void;
  /** Milliseconds between looks at its settings. */
  readonly factsEveryMs?: number;
}

/** While somebody waits for a pod that may have started, and when all is well. */
const containersEveryMs = { waiting: 500, well: 10_000 };
const containersLimitMs = 3_000;

export function runtimeWatch({
  runtime,
  log,
  well,
  onLook = () => undefined,
  factsEveryMs = 30_000,
}: RuntimeWatchOptions): RuntimeWatch {
  let seen: { readonly running: ReadonlySet<string>; readonly pods: number } | undefined;
  const connection = keptConnection(
    () => runtime.connect(),
    (client) => client[Symbol.dispose](),
  );
  // It starts later than we do, and its own health tells when it is down.
  const quietly = {
    log,
    quietFailures: Number.POSITIVE_INFINITY,
    backoff: { firstMs: 500, longestMs: 5_000 },
  };
  const look = async (client: Client, signal: AbortSignal): Promise<NonNullable<typeof seen>> => {
    const call = { signal, timeoutMs: containersLimitMs };
    const [running, sandboxes] = await Promise.all([
      client.runningContainers(call),
      client.podSandboxes(call),
    ]);
    return { running, pods: sandboxes.filter(({ ready }) => ready).length };
  };
  const containers = createLoop({
    ...quietly,
    name: "look at the container runtime",
    limitMs: containersLimitMs,
    round: async (signal) => {
      try {
        seen = await connection.ask((client) => look(client, signal), signal);
        return well() ? containersEveryMs.well : containersEveryMs.waiting;
      } catch (err) {
        seen = undefined;
        throw err;
      } finally {
        onLook();
      }
    },
  });
  // By itself: one that cannot tell its settings can still tell what runs.
  const settings = createLoop({
    ...quietly,
    name: "look at the settings of the container runtime",
    everyMs: factsEveryMs,
    round: async (signal) => void (await runtime.facts(signal)),
  });
  return {
    async run(signal) {
      await Promise.all([containers.run(signal), settings.run(signal)]);
      connection.close();
    },
    running: () => seen?.running,
    pods: () => seen?.pods,
    details: () => {
      // Somebody else may have asked since.
      const facts = runtime.lastFacts();
      return facts === undefined ? {} : runtimeTexts(facts);
    },
  };
}
