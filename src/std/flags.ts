// Flag maps of supervised processes: later sources override earlier ones, raw arguments come last.
// Upstream: internal/pkg/stringmap/stringmap.go.

/** Flag name without dashes → value. */
export type FlagMap = Readonly<Record<string, string>>;

/** Merges flag maps; a later map wins key by key. */
export function mergeFlags(...maps: readonly (FlagMap | undefined)[]): FlagMap {
  return Object.assign({}, ...maps) as FlagMap;
}

/** Adds `defaults` for keys that are missing or empty: upstream counts an empty user value as unset. */
export function withDefaults(flags: FlagMap, defaults: FlagMap): FlagMap {
  const missing = Object.entries(defaults).filter(([name]) => (flags[name] ?? "") === "");
  return { ...flags, ...Object.fromEntries(missing) };
}

/** `--name=value` sorted by name, then the raw arguments as they are. */
export function renderFlags(flags: FlagMap, rawArgs: readonly string[] = []): string[] {
  const rendered = Object.entries(flags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `--${name}=${value}`);
  return [...rendered, ...rawArgs];
}

/** What a program takes for a flag, of `--name=value` or `--name value`, with one dash or two: the last one counts. */
export function lastFlagValue(args: readonly string[], name: string): string | undefined {
  return flagValues(args, name).at(-1);
}

/** Of a flag that may be repeated. */
export function flagValues(args: readonly string[], name: string): string[] {
  return args.flatMap((arg, index) => {
    const text = arg.replace(/^--?/, "");
    if (text === arg) return [];
    if (text === name) return [args[index + 1] ?? ""];
    return text.startsWith(`${name}=`) ? [text.slice(name.length + 1)] : [];
  });
}

/** Appends to a comma-separated flag, keeping what the user gave first. */
export function appendToFlag(flags: FlagMap, name: string, values: readonly string[]): FlagMap {
  if (values.length === 0) return flags;
  const present = flags[name] ?? "";
  return { ...flags, [name]: [present, ...values].filter((part) => part !== "").join(",") };
}

/** Flags of Kubernetes' components that add up when they are repeated; the program also takes all parts in one. */
const listFlags: ReadonlySet<string> = new Set([
  "allowed-unsafe-sysctls",
  "controllers",
  "eviction-hard",
  "eviction-minimum-reclaim",
  "eviction-soft",
  "eviction-soft-grace-period",
  "feature-gates",
  "kube-reserved",
  "node-labels",
  "register-with-taints",
  "system-reserved",
  "tls-cipher-suites",
]);

export interface ExtraArgs {
  readonly flags: FlagMap;
  /** Says which flags had other values before the one that counts. */
  readonly overridden: readonly string[];
}

/**
 * `--a=b --c d e=f` → map, as upstream splits `--kubelet-extra-args`: on blanks, with or without dashes. Lists add up. Of
 * anything else the last value counts, as it does with upstream and with the components themselves.
 */
export function readExtraArgs(text: string): ExtraArgs {
  const flags: Record<string, string> = {};
  const overridden: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const [name = "", ...rest] = word.replace(/^-+/, "").split("=");
    const value = rest.length === 0 ? "true" : rest.join("=");
    const before = flags[name];
    const differs = before !== undefined && before !== value;
    if (differs && !listFlags.has(name))
      overridden.push(`--${name} is given twice: ${before} and ${value}; the last one counts`);
    flags[name] = differs && listFlags.has(name) ? `${before},${value}` : value;
  }
  return { flags, overridden };
}

export function parseExtraArgs(text: string): FlagMap {
  return readExtraArgs(text).flags;
}

/** The cipher list upstream gives to every TLS server it starts. */
export const tlsCipherSuites = [
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
] as const;
