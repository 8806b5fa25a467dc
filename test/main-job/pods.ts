// Waiting for pods, with an eye on why they do not become ready: a container whose program crashes never will.

import { run } from "../../src/os/exec.ts";
import { CrashError, crashSignal, describeEnd } from "../../src/std/program-end.ts";
import { sleep } from "../../src/std/wait.ts";

interface Termination {
  readonly exitCode: number;
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly state?: { readonly terminated?: Termination; readonly waiting?: { readonly reason?: string } };
  readonly lastState?: { readonly terminated?: Termination };
}

export interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface Crash {
  readonly pod: string;
  readonly container: string;
  readonly image: string;
  readonly code: number;
}

/** The first container that has ended by a crash, now or before its last start. */
export function findCrash(pods: readonly Pod[]): Crash | undefined {
  for (const { metadata, status } of pods) {
    for (const { name, image, state, lastState } of containersOf(status)) {
      const code = (state?.terminated ?? lastState?.terminated)?.exitCode;
      if (code !== undefined && crashSignal({ code }) !== undefined)
        return { pod: metadata.name, container: name, image, code };
    }
  }
  return undefined;
}

export function allReady(pods: readonly Pod[], count: number): boolean {
  const ready = pods.filter(
    ({ status }) =>
      status.containerStatuses !== undefined &&
      status.containerStatuses.every((container) => container.ready),
  );
  return pods.length >= count && ready.length === pods.length;
}

export interface PodsOptions {
  /** kubectl, and how it is reached. */
  readonly kubectl: readonly string[];
  /** How many pods there have to be. */
  readonly count: number;
  /** Between two looks, ms. */
  readonly intervalMs?: number;
  readonly timeoutMs: number;
}

/** Resolves when all pods of the namespace are ready; throws a CrashError as soon as a program in one has crashed. */
export async function podsReady(options: PodsOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const pods = (JSON.parse(await ask(options, "get", "pods", "-o", "json")) as { items: Pod[] }).items;
    const crash = findCrash(pods);
    if (crash !== undefined) throw await crashError(options, crash);
    if (allReady(pods, options.count)) return;
    if (performance.now() > deadline) {
      const table = await ask(options, "get", "pods", "-o", "wide");
      throw new Error(`the pods were not ready within ${options.timeoutMs / 1000} s:\n${table}`);
    }
    await sleep(options.intervalMs ?? 500);
  }
}

async function crashError(options: PodsOptions, { pod, container, image, code }: Crash): Promise<Error> {
  const signal = crashSignal({ code });
  if (signal === undefined) throw new Error(`exit code ${code} is no crash`);
  // Of the run that crashed; there may be no second one yet.
  const logs = await ask(options, "logs", pod, "-c", container, "--tail=20").catch(
    (err: Error) => err.message,
  );
  return new CrashError(`the program of pod ${pod} (image ${image})`, { code, crash: signal }, logs);
}

async function ask({ kubectl }: PodsOptions, ...args: readonly string[]): Promise<string> {
  const [program = "", ...rest] = [...kubectl, ...args];
  const result = await run(program, rest, { timeoutMs: 60_000 });
  if (result.code === 0) return result.stdout;
  throw new Error(`kubectl ${args.join(" ")} ${describeEnd(result)}:\n${result.stderr}`);
}

function containersOf(status: Pod["status"]): readonly ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}
