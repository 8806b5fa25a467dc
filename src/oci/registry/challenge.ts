// What a registry asks for when it answers 401: the header WWW-Authenticate of RFC 9110, as registries write it.

export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = /^[\w!#$%&'*+.^`|~-]+/;
const quoted = /^"((?:[^"\\]|\\.)*)"/;

export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.trim();
  while (rest !== "") {
    const name = token.exec(rest)?.[0];
    if (name === undefined) return challenges;
    rest = rest.slice(name.length).trimStart();
    if (rest.startsWith("=")) {
      rest = rest.slice(1).trimStart();
      const found = quoted.exec(rest) ?? token.exec(rest);
      if (found === null) return challenges;
      const value = found[1] ?? found[0];
      const current = challenges.at(-1);
      if (current !== undefined) current.parameters[name.toLowerCase()] = value.replaceAll(/\\(.)/g, "$1");
      rest = rest.slice(found[0].length).trimStart();
    } else challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    rest = rest.replace(/^[,\s]+/, "");
  }
  return challenges;
}
