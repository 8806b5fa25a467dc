// What depmod has written: which modules a module needs.

/**
 * Paths of the modules and of all that they need, each after those that it needs itself. A module that is not in the list is
 * built into the kernel.
 */
export function loadOrder(modulesDep: string, names: readonly string[]): readonly string[] {
  const needs = new Map<string, readonly string[]>();
  for (const line of modulesDep.split("\n")) {
    const [path = "", rest = ""] = line.split(":");
    // The list is whole, and has what is to be loaded first at its end.
    if (path !== "") needs.set(path, rest.split(" ").filter((one) => one !== "").toReversed()); // prettier-ignore
  }
  const wanted = names.flatMap((name) => [...needs.keys()].filter((path) => moduleName(path) === name));
  return [...new Set(wanted.flatMap((path) => [...(needs.get(path) ?? []), path]))];
}

/** The kernel takes `-` and `_` for the same. */
function moduleName(path: string): string | undefined {
  return path.split("/").at(-1)?.replace(/\.ko(\.\w+)?$/, "").replaceAll("-", "_"); // prettier-ignore
}
