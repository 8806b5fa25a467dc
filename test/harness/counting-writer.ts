// Writes objects through the API from outside of it and counts the acknowledged ones; afterwards each of them must be there.
// Proves that a fault loses nothing, and says how long each one was felt.

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { join } from "node:path";
import { pollUntil } from "../../src/std/wait.ts";
import type { TestMachine } from "./test-machine.ts";
import type { EventGap } from "./write-ledger.ts";

export interface WriterSettings {
  /** Begins the names of its objects. */
  readonly id: string;
  readonly namespace: string;
  readonly kind: "ConfigMap" | "Secret";
  readonly kubeconfig: string;
  /** `https://host:port`, in the order to try; none: the kubeconfig's own. */
  readonly endpoints: readonly string[];
  /** Between an acknowledged write and the next. */
  readonly intervalMs: number;
  /** Of one write. */
  readonly timeoutMs: number;
  /** Until an API server has listed everything that was written. */
  readonly readBackMs: number;
}

export type WriterOrder =
  | { readonly order: "start"; readonly settings: WriterSettings }
  | { readonly order: "mark"; readonly name: string }
  | { readonly order: "count" }
  | { readonly order: "report" };

export interface WriterReport {
  readonly acknowledged: number;
  /** Numbers of acknowledged writes that are not there. */
  readonly lost: readonly number[];
  readonly longestGapMs: number;
  readonly gaps: readonly EventGap[];
  /** Writes whose fate is unknown, by reason. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface WriterOptions extends Partial<WriterSettings> {
  readonly kubeconfig: string;
  /**
   * Whose network it uses, best a machine of its own: it keeps that network alive, so that the machine cannot be rebooted.
   * Absent: this host's, for a virtual machine that is reached through its loopback.
   */
  readonly machine?: TestMachine;
}

export interface CountingWriter extends AsyncDisposable {
  /** Names what happens from now on in the report. */
  event(name: string): Promise<void>;
  /** Resolves when so many more writes have been acknowledged. */
  progress(writes: number): Promise<void>;
  /** Ends the writing at the first call, then reads everything back; may be asked again. */
  report(): Promise<WriterReport>;
}

export async function startCountingWriter(options: WriterOptions): Promise<CountingWriter> {
  const { machine, ...given } = options;
  const settings: WriterSettings = {
    id: `w${crypto.randomUUID().slice(0, 8)}`,
    namespace: "default",
    kind: "ConfigMap",
    endpoints: [],
    intervalMs: 50,
    timeoutMs: 5_000,
    readBackMs: 120_000,
    ...given,
  };
  const main = join(import.meta.dir, "counting-writer-main.ts");
  const inNetwork = machine === undefined ? [] : ["nsenter", `--net=${machine.networkNamespace()}`];
  const child = Bun.spawn([...inNetwork, process.execPath, main], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: Readable.fromWeb(child.stdout as never) })[Symbol.asyncIterator]();
  const ask = async (order: WriterOrder): Promise<unknown> => {
    await child.stdin.write(`${JSON.stringify(order)}\n`);
    await child.stdin.flush();
    const { value, done } = await answers.next();
    if (done === true) throw new Error("the counting writer has ended early");
    return JSON.parse(value);
  };
  const end = async (): Promise<void> => {
    await child.stdin.end();
    await child.exited;
  };
  await ask({ order: "start", settings });
  return {
    event: async (name) => void (await ask({ order: "mark", name })),
    progress: async (writes) => {
      const count = async (): Promise<number> =>
        ((await ask({ order: "count" })) as { acknowledged: number }).acknowledged;
      const enough = (await count()) + writes;
      const what = `${writes} more acknowledged writes`;
      await pollUntil(async () => (await count()) >= enough, { what, intervalMs: 100, timeoutMs: 300_000 });
    },
    report: async () => (await ask({ order: "report" })) as WriterReport,
    [Symbol.asyncDispose]: end,
  };
}
