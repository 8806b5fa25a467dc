// `--env` of `k0s install`. Upstream: cmd/install/install.go.

/** `NAME=value`, or `NAME` for the value that the caller's environment has. Throws an Error that says what is wrong. */
export function parseEnvironment(
  texts: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): (readonly [name: string, value: string])[] {
  const values = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new Error(`${JSON.stringify(name)} is no name of a variable`);
    if (name === "K0S_TOKEN")
      throw new Error(
        "a join token must not be in a service's environment, where many can read it: use --token-file",
      );
    const value = at < 0 ? env[name] : text.slice(at + 1);
    if (value === undefined) throw new Error(`${name} is not set here; write ${name}=value`);
    if (["\0", "\n", "\r"].some((ending) => value.includes(ending)))
      throw new Error(`the value of ${name} holds a line break or NUL`);
    values.set(name, value);
  }
  return [...values];
}
