// What no longer works when a component does not, as findings that follow from it. Pure.

import type { Carried, Declaration } from "../../supervisor/declaration.ts";
import { controllerRole } from "../../roles/controller.ts";
import { reachesOf } from "../../roles/folds/reach.ts";
import { workerRole } from "../../roles/worker.ts";
import { all, type Explained } from "./finding.ts";

const declarations: readonly Declaration[] = [...controllerRole, ...workerRole];
const reaches = reachesOf(declarations);
const programs = new Set(
  declarations.flatMap((one) => (one.programs === undefined ? [] : [one.runningName ?? one.name])),
);

/** By the name that it runs under. */
export function reachOf(component: string): readonly Explained[] {
  const { components, carried } = reaches.get(component) ?? { components: [], carried: [] };
  return [...components.map((about) => ({ link: "processes" as const, about })), ...carried.map(carriedLink)];
}

/** Whether others rest on it, so that it is not just a part of k0s that notices what they lack. */
export function isPrincipal(component: string): boolean {
  return reaches.has(component);
}

/** Whether it is a process of another program than k0s. */
export function isProgram(component: string): boolean {
  return programs.has(component);
}

/** Of a k0s that does not run, or hangs: its processes, and all that they do. */
export const reachOfK0s: readonly Explained[] = [
  ...all("processes"),
  ...[...new Set([...reaches.values()].flatMap(({ carried }) => carried))].map(carriedLink),
];

/** What the files of a datastore are like does not follow from its process. */
function carriedLink(link: Carried): Explained {
  return link === "datastore" ? { link, about: "answers" } : { link };
}
