// What a child must reach without its proxy: the host, the cluster's networks and names. docs/adr/0046.

/** Never reached through a proxy, wherever the child runs. */
const always = ["localhost", "127.0.0.0/8", "::1", ".svc"];

const proxies = ["HTTP_PROXY", "HTTPS_PROXY"];
const spellings = (name: string): readonly string[] => [name, name.toLowerCase()];

/** Names of all variables that say something about proxies. */
export const proxyVariables: ReadonlySet<string> = new Set([...proxies, "NO_PROXY"].flatMap(spellings));

/**
 * The same environment, with a complete NO_PROXY if it names a proxy. `own` are addresses, networks and domains as Go's
 * programs understand them (`10.244.0.0/16`, `.cluster.local`); what the user listed stays in front.
 */
export function withNoProxy(
  env: Readonly<Record<string, string>>,
  own: readonly string[],
): Record<string, string> {
  const asked = proxies.flatMap(spellings).some((name) => (env[name] ?? "") !== "");
  if (!asked) return { ...env };
  const given = spellings("NO_PROXY").flatMap((name) => (env[name] ?? "").split(","));
  const all = [...given, ...always, ...own].map((entry) => entry.trim()).filter((entry) => entry !== "");
  // Some programs read the one spelling first, some the other.
  const list = [...new Set(all)].join(",");
  return { ...env, NO_PROXY: list, no_proxy: list };
}
