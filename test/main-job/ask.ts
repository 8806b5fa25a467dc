// The last step of `make run`: a pod asks the Service until it is answered.

import { run, type RunResult } from "../../src/os/exec.ts";
import { assertNoCrash, describeEnd } from "../../src/std/program-end.ts";
import { sleep } from "../../src/std/wait.ts";

export interface AskOptions {
  /** What comes before the program that asks: how it gets into the pod. */
  readonly through: readonly string[];
  readonly url: string;
  /** From when on an answer is no longer expected, ms. */
  readonly timeoutMs: number;
  /** Of the asking program; default: this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** From the toolbox image. */
const program = "curl";

/**
 * What the URL answers. A Service is not known everywhere as soon as its pods are ready, so a refusal is "not yet";
 * a crash of the program is not.
 */
export async function ask(options: AskOptions): Promise<string> {
  const { through, url, timeoutMs } = options;
  const [command = program, ...args]: readonly string[] = [...through, ...asking(url)];
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await run(command, args, {
      timeoutMs: 60_000,
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    if (result.code === 0) return result.stdout;
    assertNoCrash(program, result, words(result));
    if (performance.now() > deadline) {
      throw new Error(
        `${url} did not answer within ${timeoutMs / 1000} s; ${program} last ${describeEnd(result)}:\n${words(result)}`,
      );
    }
    await sleep(100);
  }
}

function asking(url: string): readonly string[] {
  return [program, "-sS", "--fail", "--max-time", "5", url];
}

function words({ stdout, stderr }: RunResult): string {
  return `${stdout}${stderr}`.trimEnd();
}
