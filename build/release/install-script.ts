// install.sh as a release has it: it knows the release that it is part of, where it is, and the key that signed it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface InstallDefaults {
  readonly version: string;
  /** Absent: who runs the script has to say it. */
  readonly url?: string | undefined;
  /** PEM; absent: the release is not signed. */
  readonly publicKey?: string | undefined;
}

export const installScript = join(import.meta.dir, "install.sh");

export async function releasedInstallScript(defaults: InstallDefaults): Promise<string> {
  return fillIn(await readFile(installScript, "utf8"), defaults);
}

/** Throws if the script has not the one place for each. */
export function fillIn(script: string, { version, url = "", publicKey = "" }: InstallDefaults): string {
  const values = { release_version: version, release_url: url, release_key: publicKey.trimEnd() };
  return Object.entries(values).reduce((text, [name, value]) => {
    const place = `\n${name}=''\n`;
    if (text.split(place).length !== 2) throw new Error(`install.sh has not one place for ${name}`);
    if (/['\\]/.test(value)) throw new Error(`${name} cannot have quotes: ${value}`);
    return text.replace(place, () => `\n${name}='${value}'\n`);
  }, script);
}
