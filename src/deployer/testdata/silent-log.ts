// A logger for tests that do not ask what was said.

import type { Logger } from "../../std/log.ts";

const nothing = (): void => undefined;

export const silentLog: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  with: () => silentLog,
};
