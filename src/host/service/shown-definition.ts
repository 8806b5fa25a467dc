// A definition of a service as it may be shown: values of variables may be secrets, and what is shown may be kept.

/** `Environment="NAME=…`, `export NAME=…`, `env NAME=…`; also in what k0s did not write. */
const variables =
  /^(\s*(?:Environment\s*=|export\s)\s*|.*?(?<![\w./-])(?:\/usr)?(?:\/bin\/)?env\s+(?:-\S+\s+)*(?=["']?[A-Za-z_]\w*=))(["']?[A-Za-z_]\w*=)?/;

export function shownLine(line: string): string {
  const [, start, name = ""] = variables.exec(line) ?? /^(.*?)(K0S_TOKEN=)/.exec(line) ?? [];
  return start === undefined ? line : `${start}${name}…`;
}

/** Line by line; one that goes on in the next line takes that with it. */
export function shownDefinition(text: string): string {
  const shown: string[] = [];
  let goesOn = false;
  for (const line of text.split("\n")) {
    const one = shownLine(line);
    if (!goesOn) shown.push(one);
    goesOn = line.endsWith("\\") && (goesOn || one !== line);
  }
  return shown.join("\n");
}
