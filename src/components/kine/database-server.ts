// The database server that kine needs, if it needs one: k0s waits for it before kine starts, because kine itself gives up
// (MySQL) or says nothing but that a ping failed (PostgreSQL).

import { describeServer, parseDataSource } from "../../config/data-source.ts";
import { unreachableBecause } from "../../os/tcp-reachable.ts";
import type { Logger } from "../../std/log.ts";
import type { Component } from "../../supervisor/component.ts";
import { awaitedService } from "../../supervisor/wait-for-service.ts";
import { databaseServerDeclaration } from "./declaration.ts";

/** Undefined for a file, a socket and the like. */
export function databaseServer(dataSource: string, log: Logger): Component | undefined {
  const { server } = parseDataSource(dataSource);
  if (server === undefined) return undefined;
  return awaitedService({
    name: databaseServerDeclaration.name,
    what: describeServer(server),
    log,
    problem: (signal) => unreachableBecause(server, { timeoutMs: 5_000, signal }),
  });
}
