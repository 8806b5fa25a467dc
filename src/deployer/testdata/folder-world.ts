// A manifests directory, a fake API server and a clock that stands still, for tests of what becomes of objects whose
// manifests change, move or vanish.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createBudget } from "../../std/budget.ts";
import { createClaims } from "../claims.ts";
import type { Claims } from "../claims.ts";
import { createFolderStack } from "../folder-stack.ts";
import type { FolderPassResult } from "../folder-stack.ts";
import { openInventory } from "../inventory.ts";
import { createManifestReader } from "../manifest-file.ts";
import { createStack } from "../stack.ts";
import type { PassReport } from "../stack-status.ts";
import type { PassDepth } from "../stack.ts";
import { fakeApiServer } from "./fake-api-server.ts";
import type { FakeApiServer } from "./fake-api-server.ts";
import { silentLog } from "./silent-log.ts";

export const grace = { ordinaryMs: 15_000, preciousMs: 60_000 };

export interface FolderWorld {
  readonly api: FakeApiServer;
  readonly dir: string;
  readonly manifests: string;
  readonly notices: string[];
  /** What the passes came to. */
  readonly reports: PassReport[];
  path(...names: string[]): string;
  /** Writes into <manifests>. */
  write(path: string, text: string): Promise<void>;
  /** Lets time go by. */
  wait(ms: number): void;
  /** Aborts what the present controllers do. */
  stop(): void;
  /** Each name is a machine of its own. */
  controller(name?: string, manifests?: string, under?: string): Promise<FakeController>;
  end(): Promise<void>;
}

/** One controller's life between two starts: with memory of its own, and the record on its disk. */
export interface FakeController {
  pass(stack: string, depth?: PassDepth): Promise<FolderPassResult>;
}

export async function folderWorld(): Promise<FolderWorld> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-folder-"));
  const manifests = join(dir, "manifests");
  await mkdir(manifests);
  const api = fakeApiServer();
  const notices: string[] = [];
  const reports: PassReport[] = [];
  let stopping = new AbortController();
  let time = 0;
  return {
    api,
    dir,
    manifests,
    notices,
    reports,
    path: (...names) => join(manifests, ...names),
    async write(path, text) {
      await mkdir(dirname(join(manifests, path)), { recursive: true });
      await writeFile(join(manifests, path), text);
    },
    stop: () => stopping.abort(),
    wait(ms) {
      time += ms;
    },
    async controller(name = "one", manifestsDir = manifests, under = "") {
      stopping = new AbortController();
      const { signal } = stopping;
      const inventory = await openInventory(join(dir, `deployed-${name}`), name, under, silentLog);
      const claims: Claims = createClaims();
      const stacks = new Map<string, ReturnType<typeof createFolderStack>>();
      const open = (stack: string) => {
        const present = stacks.get(stack);
        if (present !== undefined) return present;
        const made = createFolderStack({
          stack: createStack({
            client: api.client,
            name: stack,
            log: silentLog,
            budget: createBudget(8),
            onNotice: (message) => void notices.push(message),
          }),
          manifestsDir,
          system: false,
          reader: createManifestReader(),
          inventory,
          claims,
          grace,
          generated: () => [],
          onFreed: () => undefined,
          onIgnored: (files) => void notices.push(...files.map(({ path, why }) => `${path}: ${why}`)),
          onReport: (report) => void reports.push(report),
          onUnnoted: (err) => void notices.push(`not noted: ${String(err)}`),
          onWriter: ({ path }) => void notices.push(`${path} is being written`),
          now: () => time,
        });
        stacks.set(stack, made);
        return made;
      };
      return {
        pass: (stack, depth = "quick") => open(stack).pass({ depth, signal, removal: false }),
      };
    },
    async end() {
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function manifest(kind: string, name: string, namespace = "default"): string {
  const place = kind === "Namespace" ? "" : `, namespace: ${namespace}`;
  return `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}${place}}\n`;
}

/** A Namespace and two ConfigMaps. */
export const prod = [
  manifest("Namespace", "prod"),
  manifest("ConfigMap", "a"),
  manifest("ConfigMap", "b"),
].join("---\n");

/** Looks again and again for an hour: whatever is to be deleted is deleted then. */
export async function anHour(world: FolderWorld, controller: FakeController, stack: string): Promise<void> {
  for (const ms of [0, grace.ordinaryMs, grace.preciousMs, 3_600_000]) {
    world.wait(ms);
    await controller.pass(stack, "sweep").catch(() => undefined);
  }
}
