// Bills of materials as SPDX 2.3 JSON. A tree of packages goes in, each naming what it contains; the same tree
// gives the same bytes, so that the document can be part of a reproducible build.

import { createHash } from "node:crypto";

export interface SbomPackage {
  readonly name: string;
  readonly version: string;
  /** Package URL, `pkg:golang/…`; identifies the package for scanners. */
  readonly purl?: string;
  /** SPDX expression; unknown if absent. */
  readonly license?: string;
  readonly sha256?: string;
  readonly comment?: string;
  readonly contains?: readonly SbomPackage[];
}

export interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly downloadLocation: "NOASSERTION";
  readonly filesAnalyzed: false;
  readonly licenseConcluded: "NOASSERTION";
  readonly licenseDeclared: string;
  readonly copyrightText: "NOASSERTION";
  readonly checksums?: readonly { algorithm: "SHA256"; checksumValue: string }[];
  readonly externalRefs?: readonly {
    referenceCategory: "PACKAGE-MANAGER";
    referenceType: "purl";
    referenceLocator: string;
  }[];
  readonly comment?: string;
}

export interface SpdxRelationship {
  readonly spdxElementId: string;
  readonly relationshipType: "DESCRIBES" | "CONTAINS";
  readonly relatedSpdxElement: string;
}

export interface SpdxDocument {
  readonly spdxVersion: "SPDX-2.3";
  readonly dataLicense: "CC0-1.0";
  readonly SPDXID: "SPDXRef-DOCUMENT";
  readonly name: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] };
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly SpdxRelationship[];
}

/** `root` is what the document describes. A package that is contained twice is listed once, with two relationships. */
export function spdxDocument(root: SbomPackage, options: { created?: Date } = {}): SpdxDocument {
  const packages = new Map<string, SpdxPackage>();
  const relationships = new Map<string, SpdxRelationship>();
  const relate = (from: string, relationshipType: SpdxRelationship["relationshipType"], to: string): void => {
    relationships.set(`${from} ${to}`, { spdxElementId: from, relationshipType, relatedSpdxElement: to });
  };
  const visit = (item: SbomPackage): string => {
    const entry = spdxPackage(item);
    packages.set(entry.SPDXID, entry);
    for (const child of item.contains ?? []) relate(entry.SPDXID, "CONTAINS", visit(child));
    return entry.SPDXID;
  };
  relate("SPDXRef-DOCUMENT", "DESCRIBES", spdxId(root));
  visit(root);
  const body = { packages: [...packages.values()], relationships: [...relationships.values()] };
  const digest = createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 32);
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${root.name}-${root.version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${root.name}-${root.version}-${digest}`,
    creationInfo: { created: isoSeconds(options.created ?? sourceDate()), creators: ["Tool: k0s-build"] },
    ...body,
  };
}

function spdxPackage(item: SbomPackage): SpdxPackage {
  return {
    SPDXID: spdxId(item),
    name: item.name,
    versionInfo: item.version,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: item.license ?? "NOASSERTION",
    copyrightText: "NOASSERTION",
    ...(item.sha256 === undefined
      ? {}
      : { checksums: [{ algorithm: "SHA256" as const, checksumValue: item.sha256 }] }),
    ...(item.purl === undefined
      ? {}
      : {
          externalRefs: [
            {
              referenceCategory: "PACKAGE-MANAGER" as const,
              referenceType: "purl" as const,
              referenceLocator: item.purl,
            },
          ],
        }),
    ...(item.comment === undefined ? {} : { comment: item.comment }),
  };
}

/** SPDX allows letters, digits, dots and dashes; the hash keeps names apart that differ in other characters only. */
function spdxId(item: SbomPackage): string {
  const key = `${item.purl ?? item.name}@${item.version}`;
  const readable = `${item.name}-${item.version}`.replaceAll(/[^A-Za-z0-9.-]+/g, "-");
  return `SPDXRef-${readable}-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
}

/** The time of the document is the time of its inputs (SOURCE_DATE_EPOCH), not of the build. */
function sourceDate(): Date {
  const epoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? "0");
  return new Date((Number.isFinite(epoch) ? epoch : 0) * 1000);
}

function isoSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
