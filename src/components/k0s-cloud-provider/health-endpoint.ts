// Where the cloud provider says whether it is well, as upstream's does: HTTPS, with a certificate that it signs itself.

import { issueCa } from "../../pki/issue.ts";
import { errorMessage } from "../../std/errors.ts";
import { untilAborted } from "../../std/wait.ts";
import { loopback } from "../../supervisor/declaration.ts";
import type { TaskPart } from "../../supervisor/task.ts";

export interface HealthEndpointOptions {
  readonly port: number;
  /** Rejects with what is wrong. */
  readonly health: (signal: AbortSignal) => Promise<void>;
}

/** Nobody can verify it, and it is gone with the process. */
const expiresMs = 10 * 365 * 24 * 3_600_000;

/** Listens from now on until its signal aborts. */
export async function healthEndpoint({ port, health }: HealthEndpointOptions): Promise<TaskPart> {
  const tls = await issueCa({ cn: "k0s-cloud-provider", keyType: "p256", expiresMs });
  const server = Bun.serve({
    hostname: loopback,
    port,
    tls,
    async fetch(request) {
      if (new URL(request.url).pathname !== "/healthz") return new Response("not found\n", { status: 404 });
      return await health(request.signal).then(
        () => new Response("ok"),
        (err: unknown) => new Response(`${errorMessage(err)}\n`, { status: 500 }),
      );
    },
  });
  return {
    async run(signal) {
      await untilAborted(signal);
      await server.stop(true);
    },
    health: () => undefined,
  };
}
