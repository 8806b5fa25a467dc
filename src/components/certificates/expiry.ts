// When the certificates of a controller end, for people.

import { readFileIfExists } from "../../os/files.ts";
import { parseCertificate } from "../../pki/observe.ts";
import { freshShare } from "../../pki/plan.ts";

/** Of these files the certificate that ends first; authorities are not renewed and count as well when they end even before. */
export async function expiryText(files: readonly string[], now: Date): Promise<string | undefined> {
  const found = await Promise.all(files.map((file) => certificateAt(file)));
  const [first] = found.flat().sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
  if (first === undefined) return undefined;
  const days = Math.floor((first.notAfter.getTime() - now.getTime()) / 86_400_000);
  if (days < 0) return `${first.path} ended on ${first.notAfter.toISOString().slice(0, 10)}`;
  const hours = Math.floor((first.notAfter.getTime() - now.getTime()) / 3_600_000);
  const left = days > 0 ? `${days} d` : `${hours} h`;
  if (first.isAuthority) return `authority ${first.path} in ${left} (not renewed by k0s)`;
  return `certificates in ${left} (renewed by k0s at ${freshShare * 100} % of their life left)`;
}

interface FoundCertificate {
  readonly path: string;
  readonly notAfter: Date;
  readonly isAuthority: boolean;
}

async function certificateAt(path: string): Promise<FoundCertificate[]> {
  const pem = await readFileIfExists(path);
  return pem === undefined ? [] : [{ path, ...parseCertificate(pem) }];
}
