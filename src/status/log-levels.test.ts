import { expect, test } from "bun:test";
import type { LogLevelChange } from "../supervisor/log-level.ts";
import { changeLogLevel, type LogLevels } from "./log-levels.ts";

const never = new AbortController().signal;

function levels(result: boolean | undefined): LogLevels & { readonly done: unknown[] } {
  const done: unknown[] = [];
  return {
    done,
    set: (component: string, change: LogLevelChange) => {
      done.push([component, change]);
      return result;
    },
    restart: async (component) => void done.push(`restart ${component}`),
  };
}

test("a component is started again only if its level has been taken", async () => {
  const request = { component: "etcd", restart: true, shown: "info", own: "debug" };
  const taken = levels(true);
  expect(await changeLogLevel(taken, request, never)).toEqual({ outcome: "changed" });
  expect(taken.done).toEqual([["etcd", { shown: "info", own: "debug" }], "restart etcd"]);
  for (const [result, outcome] of [
    [false, "fixed"],
    [undefined, "unknown"],
  ] as const) {
    const others = levels(result);
    expect(await changeLogLevel(others, request, never)).toEqual({ outcome });
    expect(others.done).toHaveLength(1);
  }
});

test("a level that does not exist changes nothing", async () => {
  const none = levels(true);
  expect(changeLogLevel(none, { component: "etcd", restart: false, shown: "loud" }, never)).rejects.toThrow();
  expect(none.done).toEqual([]);
});
