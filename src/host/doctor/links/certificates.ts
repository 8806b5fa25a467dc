// Whether the certificates and kubeconfigs of the node are there, hold, and belong together.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { basename, join, relative } from "node:path";
import { clusterKubeconfigNames, type PkiExtent } from "../../../pki/cluster-spec.ts";
import { usedCertificates } from "../../../pki/used-certificates.ts";
import { publicKeyId } from "../../../pki/keys.ts";
import { readFileIfExists, statIfExists } from "../../../os/files.ts";
import type { FileFault } from "../../../status/problems/host.ts";
import { certificateProblems, type KnownCertificate } from "../../../status/problems/certificates.ts";
import { controllerRole } from "../../../roles/controller.ts";
import { readersOf } from "../../../roles/folds/certificates.ts";
import { reachOf, reachOfK0s } from "../component-reach.ts";
import { type ExaminedNode, startCommand } from "../examined-node.ts";
import { all, type Explained, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";

export interface CertificateFacts {
  readonly certificates: readonly KnownCertificate[];
  readonly damaged: readonly string[];
  /** Of authorities. */
  readonly lostKeys: readonly FileFault[];
  /** Files that this node needs and that are not there. */
  readonly missing: readonly string[];
  /** What does not belong together, a line each. */
  readonly mismatches: readonly { readonly path: string; readonly what: string; readonly evidence: string }[];
}

export const certificatesLink = link<CertificateFacts>({
  name: "certificates",
  look: lookAtCertificates,
  judge: judgeCertificates,
});

/** Files of certificates that the node uses, whether they exist or not. */
export function certificatesOfNode(node: ExaminedNode): readonly string[] {
  const { role, config, paths } = node;
  if (role !== "controller" || config === undefined) return [];
  return usedCertificates({ paths, config, ...extentOf(node) });
}

function extentOf({ konnectivity, k0s }: ExaminedNode): PkiExtent {
  const joinApi =
    k0s.state === "answers" && k0s.report.Components.some(({ name }) => name === "k0s-control-api");
  return { konnectivity, joinApi };
}

async function lookAtCertificates({ node, shared }: Examination): Promise<CertificateFacts> {
  const { certificates, damaged, fileFaults } = await shared.host();
  const files = certificatesOfNode(node);
  return {
    certificates,
    damaged,
    lostKeys: fileFaults.filter(({ kind }) => kind === "key"),
    missing: await missingOf(node, files),
    mismatches: await mismatchesIn(files.filter((path) => !damaged.includes(path))),
  };
}

async function missingOf(node: ExaminedNode, files: readonly string[]): Promise<readonly string[]> {
  const { paths, role } = node;
  const started = (await statIfExists(paths.pkiDir)) !== undefined;
  const kubeconfigs = clusterKubeconfigNames(extentOf(node)).map((name) =>
    join(paths.pkiDir, `${name}.conf`),
  );
  const needed =
    role !== "controller" || !started
      ? []
      : [...files.filter((path) => !basename(path).startsWith("kubelet-serving-")), ...kubeconfigs];
  const current = join(paths.kubeletRootDir, "pki", "kubelet-client-current.pem");
  const joined = (await statIfExists(paths.kubeletKubeconfig)) !== undefined;
  const all = [...needed, ...(joined && role === "worker" ? [current] : [])];
  const found = await Promise.all(
    all.map(async (path) => ((await statIfExists(path)) === undefined ? path : [])),
  );
  return found.flat();
}

/** A certificate of another key, or signed by another authority than the one beside it. The file of an authority may hold several. */
export async function mismatchesIn(files: readonly string[]): Promise<CertificateFacts["mismatches"]> {
  const read = await Promise.all(
    files.map(async (path) => ({
      path,
      certificates: certificatesIn(await readFileIfExists(path)),
      key: await readFileIfExists(path.replace(/\.crt$/, ".key")),
    })),
  );
  const authorities = read.flatMap(({ certificates }) => certificates).filter(({ ca }) => ca);
  return read.flatMap(({ path, certificates: [certificate, ...others], key }) => {
    if (certificate === undefined) return [];
    if (key !== undefined && ![certificate, ...others].some((one) => isKeyOf(key, one)))
      return [
        {
          path,
          what: "is not the certificate of the key beside it",
          evidence: `the public keys of ${path} and ${path.replace(/crt$/, "key")} differ`,
        },
      ];
    const named = authorities.filter(({ subject }) => subject === certificate.issuer);
    const signed = named.some(({ publicKey }) => certificate.verify(publicKey));
    if (certificate.ca || named.length === 0 || signed) return [];
    return [
      {
        path,
        what: "was signed by another authority than the one that is here",
        evidence: `it names ${certificate.issuer.replaceAll("\n", ", ")}, whose key did not sign it`,
      },
    ];
  });
}

function certificatesIn(text = ""): readonly X509Certificate[] {
  const parts = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return parts.map((part) => new X509Certificate(part));
  } catch {
    // Named as damaged already.
    return [];
  }
}

function isKeyOf(key: string, certificate: X509Certificate): boolean {
  try {
    return publicKeyId(createPrivateKey(key)) === publicKeyId(certificate.publicKey);
  } catch {
    // What is no key belongs to no certificate.
    return false;
  }
}

export function judgeCertificates(facts: CertificateFacts, node: ExaminedNode): Verdict {
  const { now } = node;
  const runs = node.k0s.state !== "gone";
  const again = runs
    ? "restart k0s, which makes it again"
    : `start k0s, which makes it again: ${startCommand(node)}`;
  const fromBackup = "put it back from a backup, or remove it and its key and restart k0s";
  // A start renews what has ended, so that of a k0s that does not run only what it cannot renew is a fault.
  const lasting = facts.certificates.filter((one) => runs || one.isAuthority || one.ofKubelet);
  const aged = certificateProblems(lasting, now).map(({ text, remedy = again }) => {
    const path = lasting.find((one) => text.includes(one.path))?.path ?? "";
    const dates = lasting
      .filter((one) => one.path === path)
      .map(({ notBefore, notAfter }) => `valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}`);
    return found(path, text, [...dates, `it is ${now.toISOString()} here`], remedy, node);
  });
  return verdictOf([
    ...aged,
    ...facts.damaged.map((path) =>
      found(path, `${path} holds no certificate that can be read`, [`${path} is not PEM`], fromBackup, node),
    ),
    ...facts.lostKeys.map(lostKey),
    ...facts.missing.map((path) =>
      found(
        path,
        `${path} is missing`,
        [`there is no ${path}`],
        path.includes("/kubelet-client-") ? rejoin : again,
        node,
      ),
    ),
    ...facts.mismatches.map(({ path, what, evidence }) =>
      found(path, `${path} ${what}`, [evidence], fromBackup, node),
    ),
  ]);
}

/** What it has signed holds, so that what runs is well. */
function lostKey({ path, text, remedy = "" }: FileFault): Finding {
  return {
    link: "certificates",
    about: path,
    what: text,
    evidence: [`there is no ${path}, and its certificate is k0s' own`],
    effect: "what runs goes on; what needs a new certificate waits, or is refused",
    remedy,
    explains: [],
  };
}

const rejoin = "let this node join again: `k0s reset`, then start it with a new token";

function found(
  path: string,
  what: string,
  evidence: readonly string[],
  remedy: string,
  node: ExaminedNode,
): Finding {
  const readers = readersOfFile(path, node.paths.pkiDir);
  const isAuthority = /\/(ca|front-proxy-ca)\.crt$/.test(path);
  return {
    link: "certificates",
    about: path,
    what,
    evidence,
    effect:
      readers.length === 0
        ? "connections that use it are refused"
        : `${readers.join(", ")}: connections are refused, or it does not start`,
    remedy,
    explains: [
      ...(node.k0s.state === "gone" && isAuthority ? reachOfK0s : []),
      ...readers.flatMap((about): readonly Explained[] => [{ link: "processes", about }, ...reachOf(about)]),
      // With a kubelet's certificate the node itself asks the API server, too.
      ...(readers.length === 0 || readers.includes("kubelet") ? all("API", "tunnel", "node") : []),
    ],
  };
}

const readers = readersOf(controllerRole);

/** The components that use a file; of kubelet's, by its name. */
function readersOfFile(path: string, pkiDir: string): readonly string[] {
  const inPki = relative(pkiDir, path).replace(/\.(crt|conf)$/, "");
  return readers.get(inPki) ?? (basename(path).startsWith("kubelet") ? ["kubelet"] : []);
}
