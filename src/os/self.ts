// How this program starts itself again: compiled it is its own executable, in development `bun src/main.ts`.

/** The command in front of a subcommand such as `__exec` or `api`. */
export function selfCommand(): readonly string[] {
  if (isCompiled()) return [process.execPath];
  // Bun would read the .env and bunfig.toml of the directory that the child is started in.
  return [process.execPath, "--no-env-file", "--config=/dev/null", Bun.main];
}

/** True in the compiled executable, whose sources live in a virtual file system. */
export function isCompiled(): boolean {
  return Bun.main.startsWith("/$bunfs/");
}
