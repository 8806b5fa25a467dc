// Why a connection could not be made or broke, in words: what fetch and sockets throw, told by its code.

import { errno } from "./errors.ts";

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ECONNRESET: "the connection was closed",
  ConnectionClosed: "the connection was closed",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "no route to that host",
  ENETUNREACH: "no route to that network",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve",
};

/** Undefined when `err` is something else than a failed connection, e.g. a bug of ours. */
export function describeConnectionFailure(err: unknown): string | undefined {
  if (err instanceof Error && err.name === "TimeoutError") return "no answer in time";
  return words[errno(err) ?? ""];
}
