// A client for what only a leader may do: each write, and each further try of it, asks first whether the term still lasts.
// docs/adr/0051-growth.md.

import type { CallOptions, KubeClient } from "./client.ts";
import type { LeaderElector } from "./lease.ts";

/** What is read goes on; a write after the end of the term is an error and reaches no server. */
export function whileLeading(client: KubeClient, leader: Pick<LeaderElector, "assertTerm">): KubeClient {
  const permit = (): void => leader.assertTerm();
  const asked = <T extends CallOptions>(options: T): T => ({ ...options, permit });
  return {
    ...client,
    create: (object, options = {}) => client.create(object, asked(options)),
    update: (object, options = {}) => client.update(object, asked(options)),
    patch: (ref, type, patch, options = {}) => client.patch(ref, type, patch, asked(options)),
    apply: (object, options) => client.apply(object, asked(options)),
    delete: (ref, options = {}) => client.delete(ref, asked(options)),
    raw: (path, options = {}) =>
      client.raw(path, (options.method ?? "GET") === "GET" ? options : asked(options)),
  };
}
