// A CliIo that keeps what is written, for tests.

import type { CliIo } from "./io.ts";

export interface TestIo extends CliIo {
  readonly stdout: () => string;
  readonly stderr: () => string;
}

export function testIo(changes: Partial<CliIo> & { input?: string } = {}): TestIo {
  const written = { out: "", err: "" };
  const { input = "", ...rest } = changes;
  return {
    env: {},
    takeSecret: (name) => changes.env?.[name],
    signal: new AbortController().signal,
    terminal: { stdin: false, stdout: false, stderr: false },
    root: true,
    out: (text) => {
      written.out += text;
    },
    readerGone: () => false,
    err: (text) => {
      written.err += text;
    },
    readInput: async () => input,
    stdout: () => written.out,
    stderr: () => written.err,
    ...rest,
  };
}
