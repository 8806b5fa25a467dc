// Why this worker cannot talk to the API server, in a sentence that a person can act on.

import { KubeConnectionError, KubeError } from "../../kube/errors.ts";
import { formatDuration } from "../../std/duration.ts";
import { errno, errorMessage, UserError } from "../../std/errors.ts";
import type { JoinToken } from "../../token/join-token.ts";
import { refusedTokenError, wrongClusterError } from "../../token/join-failure.ts";

export interface ApiContact {
  readonly server: string;
  /** The token that is used; undefined for a node that has joined. */
  readonly token: JoinToken | undefined;
  /** How far the clock of this host is ahead of the API server's, if it said what time it has. */
  readonly clockAheadMs?: number | undefined;
}

/** What is wrong. An error that is none of the expected kinds keeps its own text. */
export function explainApiFailure(err: unknown, contact: ApiContact): UserError {
  if (err instanceof UserError) return err;
  if (err instanceof KubeError) return refusal(err, contact);
  if (err instanceof KubeConnectionError) return noConnection(err, contact);
  return new UserError(`${contact.server}: ${errorMessage(err)}`, { code: "api-trouble", cause: err });
}

/** True for failures that a clock which is off brings about. */
export function isClockFailure(err: unknown): boolean {
  return err instanceof UserError && err.code === "clock";
}

/** Differences below this one are of no consequence. */
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
  const { why, hint } = connectionProblem(err, server);
  return new UserError(`cannot reach the API server ${server}: ${why}`, {
    code: "api-unreachable",
    hint,
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

function connectionProblem(err: KubeConnectionError, server: string): { why: string; hint: string } {
  const { hostname, port } = new URL(server);
  const firewall = `Is ${port}/tcp open between here and there? Is the address right?`;
  switch (causeCode(err)) {
    case "ECONNREFUSED":
      return { why: "connection refused", hint: `Does the controller run, and does it listen on ${server}?` };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { why: `the name ${hostname} cannot be resolved`, hint: "Check the name servers of this host." };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return { why: "there is no route to it", hint: "Check the network of this host." };
    case "ECONNRESET":
      return { why: "the connection was closed at once", hint: firewall };
    case "EPROTO":
      return { why: "what answers there is no TLS server", hint: "Is the address right?" };
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return {
        why: `its certificate is not for ${hostname}`,
        hint: `Add ${hostname} to spec.api.sans of the controllers.`,
      };
    case "timeout":
      return { why: "no answer", hint: firewall };
    default:
      return { why: errorMessage(err.cause), hint: firewall };
  }
}

function causeCode(err: KubeConnectionError): string | undefined {
  const { cause } = err;
  if (cause instanceof Error && cause.name === "TimeoutError") return "timeout";
  return errno(cause);
}
