// Why this worker cannot talk to the API server, in a sentence that a person can act on.

import { KubeConnectionError, KubeError } from "../../kube/errors.ts";
import { type ConnectionFailure, connectionFailure, describeFailure } from "../../std/connection-failure.ts";
import { formatDuration } from "../../std/duration.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { JoinToken } from "../../token/join-token.ts";
import { refusedTokenError, wrongClusterError } from "../../token/join-failure.ts";

export interface ApiContact {
  readonly server: string;
  /** The token that is used; undefined for a node that has joined. */
  readonly token: JoinToken | undefined;
  /** How far the clock of this host is ahead of the API server's, if it said what time it has. */
  readonly clockAheadMs?: number | undefined;
}

/** What is wrong. An unexpected error keeps its own text. */
export function explainApiFailure(err: unknown, contact: ApiContact): UserError {
  if (err instanceof UserError) return err;
  if (err instanceof KubeError) return refusal(err, contact);
  if (err instanceof KubeConnectionError) return noConnection(err, contact);
  return new UserError(`${contact.server}: ${errorMessage(err)}`, { code: "api-trouble", cause: err });
}

/** True for failures that a wrong clock causes. */
export function isClockFailure(err: unknown): boolean {
  return err instanceof UserError && err.code === "clock";
}

/** Smaller differences do not matter. */
const clockToleranceMs = 60_000;

/** `ahead` when this host's clock shows a later time than the API server's. */
export function describeClock(aheadMs: number | undefined): string | undefined {
  if (aheadMs === undefined || Math.abs(aheadMs) < clockToleranceMs) return undefined;
  const seconds = Math.round(Math.abs(aheadMs) / 1000) * 1000;
  return `the clock of this host is ${formatDuration(seconds)} ${aheadMs > 0 ? "ahead of" : "behind"} the API server's`;
}

function refusal(err: KubeError, { server, token }: ApiContact): UserError {
  if (err.status === 401) {
    if (token !== undefined) return refusedTokenError(token);
    return new UserError(`${server} does not accept this node's certificate`, {
      code: "node-refused",
      hint: "The cluster may have been made anew. To join it again: `k0s reset` here, then `k0s worker` with a new token.",
      cause: err,
    });
  }
  if (err.status === 403) {
    return new UserError(`${server} does not permit what joining needs (${err.message})`, {
      code: "forbidden",
      hint: "The cluster may still be starting: a controller sets these permissions up as soon as its API server is ready.",
      cause: err,
    });
  }
  return new UserError(`${server} answers, but cannot help yet (${err.message})`, {
    code: "api-not-ready",
    hint: "Look at the controller's log, or at `k0s status` there.",
    cause: err,
  });
}

function noConnection(err: KubeConnectionError, contact: ApiContact): UserError {
  const { server, token } = contact;
  const tls = wrongClusterError(err, { server });
  if (tls?.code === "clock") return clockTrouble(tls, contact);
  if (tls !== undefined) {
    if (token !== undefined) return tls;
    return new UserError(`${server} does not belong to the cluster that this node has joined`, {
      code: "other-cluster",
      hint: "Its certificate is signed by another CA. To join the new cluster: `k0s reset` here, then `k0s worker` with a new token.",
      cause: err,
    });
  }
  const why = describeFailure(err.cause, { host: new URL(server).hostname });
  return new UserError(`cannot reach the API server ${server}: ${why}`, {
    code: "api-unreachable",
    hint: hintFor(connectionFailure(err), new URL(server)),
    cause: err,
  });
}

function clockTrouble(tls: UserError, { server, clockAheadMs }: ApiContact): UserError {
  const clock = describeClock(clockAheadMs);
  if (clock === undefined) return tls;
  return new UserError(`${clock}, so that the certificate of ${server} counts as invalid`, {
    code: "clock",
    hint: `It is ${new Date().toISOString()} here. Set the clock right, e.g. with NTP.`,
    cause: tls,
  });
}

function hintFor(failure: ConnectionFailure | undefined, { href, hostname, port }: URL): string {
  switch (failure) {
    case "refused":
      return `Does the controller run, and does it listen on ${href.replace(/\/$/, "")}?`;
    case "no such name":
      return "Check the name servers of this host.";
    case "no route":
      return "Check the network of this host.";
    case "no TLS":
      return "Is the address right?";
    case "other name":
      return `Add ${hostname} to spec.api.sans of the controllers.`;
    default:
      return `Is ${port}/tcp open between here and there? Is the address right?`;
  }
}
