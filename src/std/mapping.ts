// What JSON and YAML call a mapping or an object.

export type Mapping = Record<string, unknown>;

/** Neither null nor a list. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
