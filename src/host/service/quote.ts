// Words as the files of service managers write them.

/** Means itself wherever it stands. */
export function isPlainWord(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}

/**
 * A word of systemd's command lines and `Environment=`: in double quotes where it needs them; `%` and, in arguments, `$`
 * would be expanded. A carriage return would end the line, as a line feed does. systemd.service(5), "Command lines";
 * systemd.unit(5), "Specifiers".
 */
export function systemdWord(word: string, { expandsVariables = true } = {}): string {
  const literal = word.replaceAll("%", "%%");
  const inert = expandsVariables ? literal.replaceAll("$", "$$$$") : literal;
  if (isPlainWord(inert)) return inert;
  const escaped = inert
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll(/\p{Cc}/gu, (control) =>
      Buffer.from(control).reduce((text, byte) => `${text}\\x${byte.toString(16).padStart(2, "0")}`, ""),
    );
  return `"${escaped}"`;
}

/** A word for a POSIX shell, always in single quotes. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** As it has to stand between double quotes of a shell to mean itself. */
export function insideDoubleQuotes(text: string): string {
  return text.replaceAll(/[\\$`"]/g, String.raw`\$&`);
}
