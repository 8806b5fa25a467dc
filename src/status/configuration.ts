// The configuration of a running controller, asked and changed through the status socket, which only root reaches.

import { errorMessage, UserError } from "../std/errors.ts";
import { atMost } from "../os/patience.ts";
import type { ConfigPlan } from "../supervisor/config-plan.ts";

export const configurationPath = "/configuration";

/** Without a text it is the file that the controller was started with, read again. */
export interface GivenConfig {
  /** Absolute, or undefined for standard input. */
  readonly path?: string;
  readonly text?: string;
}

export type ConfigRequest =
  | ({ readonly action: "plan" | "apply" } & GivenConfig)
  /** How a change goes that was asked for; answered after some seconds at the latest. */
  | { readonly action: "await"; readonly job: number };

/** Asked with GET: a k0s of before takes every action that it does not know for `apply`. */
export type ConfigLook = "object";

export interface ConfigAnswer {
  /** Of a change that goes on. */
  readonly job?: number;
  readonly plan?: ConfigPlan;
  readonly failure?: ConfigFailure;
  /** Why this controller does not run with the ClusterConfig of the cluster. Not told of a file that is to take its place. */
  readonly object?: ConfigFailure;
}

export interface ConfigFailure {
  readonly message: string;
  readonly hint?: string;
  readonly code: string;
}

export interface Configuration {
  plan(given: GivenConfig): Promise<ConfigPlan>;
  apply(given: GivenConfig): Promise<ConfigPlan>;
  /** Why it does not run with the ClusterConfig of the cluster; absent where there is none. */
  trouble?(): UserError | undefined;
}

const patienceMs = 5_000;

/** Answers requests; a change goes on when the one who asked for it has gone. */
export function configurationServer(
  configuration: Configuration,
): (request: ConfigRequest | ConfigLook) => Promise<ConfigAnswer> {
  const jobs = new Map<number, Promise<ConfigAnswer>>();
  let last = 0;
  const withObject = async (work: Promise<ConfigAnswer>, given: GivenConfig = {}): Promise<ConfigAnswer> => {
    const answer = await work;
    const trouble = given.text === undefined ? configuration.trouble?.() : undefined;
    return trouble === undefined ? answer : { ...answer, object: failureOf(trouble) };
  };
  return async (request) => {
    if (request === "object") return withObject(Promise.resolve({}));
    if (request.action === "plan") return withObject(answerOf(configuration.plan(request)), request);
    if (request.action === "await") {
      const { job } = request;
      const done = jobs.get(job);
      if (done === undefined) throw new Error(`there is no change ${job}`);
      return (await Promise.race([done, atMost(patienceMs, done).then(() => undefined)])) ?? { job };
    }
    // What a later k0s asks for must not become a change.
    if (request.action !== "apply")
      throw new Error(`this k0s does not know the action ${JSON.stringify(Object(request)["action"])}`);
    last += 1;
    jobs.set(last, withObject(answerOf(configuration.apply(request)), request));
    return { job: last };
  };
}

async function answerOf(work: Promise<ConfigPlan>): Promise<ConfigAnswer> {
  try {
    return { plan: await work };
  } catch (err) {
    return { failure: failureOf(err) };
  }
}

function failureOf(err: unknown): ConfigFailure {
  const { hint, code } = err instanceof UserError ? err : { hint: undefined, code: "config-failed" };
  return { message: errorMessage(err), ...(hint === undefined ? {} : { hint }), code };
}
