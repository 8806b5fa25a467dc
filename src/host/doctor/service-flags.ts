// Flags of k0s, as a definition of its service has them.

/** Undefined where it is not given with a value. */
export function flagValue(args: readonly string[], name: string): string | undefined {
  const start = `--${name}=`;
  return args.find((word) => word.startsWith(start))?.slice(start.length);
}

/** Of one that is on or off: `--single`, `--single=true`. */
export function isFlagSet(args: readonly string[], name: string): boolean {
  return args.includes(`--${name}`) || args.includes(`--${name}=true`);
}
