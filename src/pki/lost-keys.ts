// Keys of k0s' own authorities that are gone, though the node has what they signed.

import { basename } from "node:path";
import { readFileIfExists, statIfExists } from "../os/files.ts";
import { parseCertificate } from "./observe.ts";
import { ownAuthorities } from "./own-names.ts";

/** Who brings authorities may keep their keys elsewhere; those that k0s has made are nowhere else. */
export async function lostKeys(certificates: readonly string[]): Promise<readonly string[]> {
  const own = ownAuthorities();
  const authorities = certificates.filter((path) =>
    ["ca.crt", "front-proxy-ca.crt"].includes(basename(path)),
  );
  const lost = await Promise.all(
    authorities.map(async (path) => {
      const key = path.replace(/crt$/, "key");
      const text = await readFileIfExists(path);
      if (text === undefined || (await statIfExists(key)) !== undefined) return [];
      const name = nameOf(text);
      return name !== undefined && own.has(name) ? [key] : [];
    }),
  );
  return lost.flat();
}

/** Undefined for what holds no certificate, which is said of it elsewhere. */
function nameOf(text: string): string | undefined {
  try {
    return parseCertificate(text).cn;
  } catch {
    return undefined;
  }
}
