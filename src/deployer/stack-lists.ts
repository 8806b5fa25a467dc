// Looks of many stacks at the same time: who asks for a kind while a list of it is under way waits for the next one, together
// with all who ask meanwhile. Two hundred new folders would else list each of their kinds two hundred times. Nobody gets a
// list that began before the question. docs/adr/0096.

import type { KubeClient } from "../kube/client.ts";
import type { ApiResource, GroupVersionKind } from "../kube/types.ts";
import type { Budget } from "../std/budget.ts";
import { listStacks, versionKey } from "./observe-stacks.ts";
import type { ListKind } from "./observe-stacks.ts";
import type { ObservedObject } from "./observed-object.ts";

export interface StackLists {
  /** How this stack lists. */
  of(stack: string): ListKind;
}

export interface StackListsOptions {
  readonly client: KubeClient;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

interface NextList {
  readonly stacks: Set<string>;
  readonly byStack: Promise<ReadonlyMap<string, readonly ObservedObject[]>>;
}

export function createStackLists({ client, budget, signal }: StackListsOptions): StackLists {
  /** By kind: the lists that have not begun, and the end of those that have. */
  const next = new Map<string, NextList>();
  const underWay = new Map<string, Promise<void>>();

  const ask = (key: string, kind: GroupVersionKind | ApiResource, stacks: Set<string>): NextList => {
    const list = async (): Promise<ReadonlyMap<string, readonly ObservedObject[]>> => {
      await underWay.get(key);
      return await budget.run(async () => {
        next.delete(key);
        const ended = Promise.withResolvers<void>();
        underWay.set(key, ended.promise);
        try {
          const [stack = "", ...others] = stacks;
          const objects = await listStacks(
            { client, signal, ...(others.length === 0 ? { stack } : {}) },
            kind,
          );
          return Map.groupBy(objects, (object) => object.stack);
        } finally {
          if (underWay.get(key) === ended.promise) underWay.delete(key);
          ended.resolve();
        }
      });
    };
    return { stacks, byStack: list() };
  };

  return {
    of: (stack) => async (kind) => {
      const key = versionKey(kind);
      const joined = next.get(key) ?? ask(key, kind, new Set());
      joined.stacks.add(stack);
      next.set(key, joined);
      return (await joined.byStack).get(stack) ?? [];
    },
  };
}
