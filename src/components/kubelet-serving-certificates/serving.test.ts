// What may become a kubelet's serving certificate: the request, its names, and a node that lies about itself.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { runOrThrow } from "../../os/exec.ts";
import type { CertificateSigningRequest } from "../../kube/objects/certificate-signing-request.ts";
import type { Node } from "../../kube/objects/node.ts";
import { isUndecided, servingRequest, withoutWhatIsDone } from "./serving-request.ts";
import { othersNamesRefusal, ownersOf, ownNamesRefusal, reservedNames } from "./node-names.ts";
import { canonicalName } from "./canonical-name.ts";

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), "k0s-csr-"))));
afterAll(() => rmSync(dir, { recursive: true }));

/** Made by openssl, so that what reads it has not made it. */
async function pem(subject: string, sans: string, more = ""): Promise<string> {
  const config = join(dir, "csr.cnf");
  const san = sans === "" ? "" : `subjectAltName=${sans}\n`;
  writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\nattributes=attr\n${san === "" && more === "" ? "" : "req_extensions=ext\n"}[dn]\n[attr]\n[ext]\n${san}${more}`,
  );
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "/dev/null"];
  const out = join(dir, "csr.pem");
  await runOrThrow("openssl", ["req", "-new", ...key, "-subj", subject, "-config", config, "-out", out]);
  return readFileSync(out, "utf8");
}

const node = { username: "system:node:w1", groups: ["system:nodes", "system:authenticated"] };
const subject = "/O=system:nodes/CN=system:node:w1";
const sans = "DNS:w1,IP:10.0.0.11";

function csr(request: string, spec: CertificateSigningRequest["spec"] = {}): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "csr-1" },
    spec: {
      request: Buffer.from(request).toString("base64"),
      usages: ["digital signature", "server auth"],
      ...node,
      ...spec,
    },
  };
}

test("what kubelet asks for is understood", async () => {
  expect(servingRequest(csr(await pem(subject, sans)))).toEqual({
    request: { node: "w1", names: ["w1", "10.0.0.11"] },
  });
  const usages = ["key encipherment", "digital signature", "server auth"];
  expect(servingRequest(csr(await pem(subject, "IP:FD00::0:1"), { usages }))).toEqual({
    request: { node: "w1", names: ["fd00::1"] },
  });
});

test.each([
  ["two common names, its own last", "/O=system:nodes/CN=system:node:w2/CN=system:node:w1", sans, ""],
  ["two common names, its own first", "/O=system:nodes/CN=system:node:w1/CN=system:node:w2", sans, ""],
  ["two common names in one part", "/O=system:nodes/CN=system:node:w1+CN=system:node:w2", sans, ""],
  ["no common name", "/O=system:nodes", sans, ""],
  ["another node", "/O=system:nodes/CN=system:node:w2", sans, ""],
  ["no node at all", "/O=system:nodes/CN=kubernetes-admin", sans, ""],
  ["one organization more", "/O=system:nodes/O=system:masters/CN=system:node:w1", sans, ""],
  ["another organization", "/O=system:masters/CN=system:node:w1", sans, ""],
  ["no organization", "/CN=system:node:w1", sans, ""],
  ["an organizational unit", "/O=system:nodes/OU=x/CN=system:node:w1", sans, ""],
  ["no name", subject, "", ""],
  ["a wildcard", subject, "DNS:*.w1", ""],
  ["a bare asterisk", subject, "DNS:*", ""],
  ["an address as DNS name", subject, "DNS:10.0.0.11", ""],
  ["a blank in a DNS name", subject, "DNS:w1 x", ""],
  ["a mail address", subject, `${sans},email:a@w1`, ""],
  ["a URI", subject, `${sans},URI:spiffe://cluster.local/x`, ""],
  ["a registered id", subject, `${sans},RID:1.2.3.4`, ""],
  ["to be an authority", subject, sans, "basicConstraints=CA:TRUE\n"],
  ["a usage of its own", subject, sans, "extendedKeyUsage=clientAuth\n"],
])("never approved: a request for %s", async (_, dn, names, more) => {
  expect(servingRequest(csr(await pem(dn, names, more)))).toHaveProperty("refusal");
});

test("never approved: other usages, who is no node, what several readers read differently", async () => {
  const good = await pem(subject, sans);
  const other = await pem(subject, "DNS:kubernetes");
  const refused = [
    csr(good, { usages: ["digital signature", "client auth"] }),
    csr(good, { usages: ["digital signature", "server auth", "client auth"] }),
    csr(good, { usages: ["server auth"] }),
    csr(good, { groups: ["system:authenticated"] }),
    csr(good, { username: "w1" }),
    csr(good, { username: "system:serviceaccount:kube-system:w1" }),
    csr(good + other),
    csr(other + good),
    csr(good.replace("REQUEST-----\n", "REQUEST-----\nProc-Type: x\n\n")),
    csr(`text\n${good}`),
    csr(good.replaceAll("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")),
    csr("garbage"),
    csr(""),
    { ...csr(good), spec: {} },
  ];
  for (const [index, one] of refused.entries()) {
    expect([index, Object.keys(servingRequest(one))]).toEqual([index, ["refusal"]]);
  }
});

const config = clusterConfigSchema({ single: false, dataDir: "/d", publicAddress: "10.0.0.1" }).parse({
  spec: { api: { externalAddress: "api.example.com", sans: ["10.0.0.2", "10.0.0.1"] } },
});
const reserved = reservedNames(config, undefined);

function nodeOf(name: string, addresses: readonly string[], labels: Record<string, string> = {}): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: { addresses: addresses.map((address) => ({ type: "InternalIP", address })) },
  };
}

test("a node's own addresses and host name, and nothing else", () => {
  const w1 = nodeOf("w1", ["10.0.0.11", "fd00::11", "W1", "w1.dc.example.com"]);
  const allowed = (...names: string[]) => ownNamesRefusal({ node: "w1", names }, w1, reserved);
  expect(allowed("10.0.0.11", "fd00::11", "w1", "w1.dc.example.com")).toBeUndefined();
  expect(allowed("10.0.0.11", "10.0.0.12")).toContain("10.0.0.12 is not among the addresses");
  expect(allowed("w2")).toContain("not among");
  expect(ownNamesRefusal({ node: "w1", names: ["w1"] }, undefined, reserved)).toBe("there is no node w1");
});

test.each([
  ["kubernetes.default.svc"],
  ["kubernetes"],
  ["kubernetes.default.svc.cluster.local"],
  ["web.shop.svc"],
  ["web.shop.svc.cluster.local"],
  ["10-244-1-5.shop.pod.cluster.local"],
  ["svc.cluster.local"],
  ["cluster.local"],
  ["localhost"],
  ["127.0.0.1"],
  ["127.1.2.3"],
  ["::1"],
  ["0.0.0.0"],
  ["10.96.0.1"],
  ["10.100.3.4"],
  ["::ffff:10.96.0.1"],
  ["::ffff:a60:1"],
  ["api.example.com"],
  ["API.example.com."],
  ["10.0.0.1"],
  ["10.0.0.2"],
])("a node that writes %s among its addresses does not get it", (name) => {
  const liar = nodeOf("w1", ["10.0.0.11", name]);
  const names = ["10.0.0.11", canonicalName(name)];
  expect(ownNamesRefusal({ node: "w1", names }, liar, reserved)).not.toBeUndefined();
});

test("hosts may have names below the cluster's domain, and addresses where Services have theirs", () => {
  const { spec } = config;
  const cluster = {
    ...config,
    spec: {
      ...spec,
      api: { ...spec.api, address: "10.100.0.1" },
      network: { ...spec.network, clusterDomain: "k8s.example.com" },
    },
  };
  const among = reservedNames(cluster, undefined);
  const asked = (name: string) => ownNamesRefusal({ node: "w1", names: [name] }, nodeOf("w1", [name]), among);
  expect(asked("w1.k8s.example.com")).toBeUndefined();
  expect(asked("10.100.3.4")).toBeUndefined();
  expect(asked("10.96.0.1")).toBe("10.96.0.1 is a name of the API");
  for (const name of ["k8s.example.com", "web.shop.svc.k8s.example.com", "pod.k8s.example.com"])
    expect(asked(name)).toContain("in the cluster's domain");
});

test("what is among the API's names only as one of many hosts is a worker's, if it is known to be no controller's", () => {
  const asked = (name: string, controllers: readonly string[] | undefined, ownAuthority = true) =>
    ownNamesRefusal(
      { node: "w1", names: [name] },
      nodeOf("w1", [name]),
      reservedNames(config, undefined, ownAuthority),
      controllers === undefined ? undefined : new Set(controllers),
    );
  expect(asked("10.0.0.2", ["10.0.0.1"])).toBeUndefined();
  expect(asked("10.0.0.2", ["10.0.0.1", "10.0.0.2"])).toBe("10.0.0.2 is an address of a controller");
  expect(asked("10.0.0.2", undefined)).toContain("not all controllers' addresses are known");
  // Signed by an authority that clients of the API may trust.
  expect(asked("10.0.0.2", ["10.0.0.1"], false)).toBe("10.0.0.2 is a name of the API");
  // This controller's, though it is listed, too; and names, wherever they lead.
  for (const name of ["10.0.0.1", "api.example.com", "10.96.0.1"])
    expect(asked(name, ["10.0.0.3"])).not.toBeUndefined();
});

test("a node on a controller has the controller's addresses, but neither those of Services nor the cluster's names", () => {
  const asked = (name: string, labels: Record<string, string>, ownNode?: string) =>
    ownNamesRefusal(
      { node: "c1", names: [name] },
      nodeOf("c1", [name], labels),
      reservedNames(config, ownNode),
    );
  const role = { "node-role.kubernetes.io/control-plane": "true" };
  expect(asked("10.0.0.1", {}, "c1")).toBeUndefined();
  expect(asked("10.0.0.1", {}, "c2")).not.toBeUndefined();
  expect(asked("10.0.0.1", role)).toBeUndefined();
  // A kubelet sets this one itself.
  expect(asked("10.0.0.1", { "node.k0sproject.io/role": "control-plane" })).not.toBeUndefined();
  expect(asked("10.96.0.1", role, "c1")).not.toBeUndefined();
  expect(asked("kubernetes.default.svc", role, "c1")).not.toBeUndefined();
});

test("nobody gets what another node is reached at", () => {
  const owners = ownersOf([
    nodeOf("w1", ["10.0.0.11", "w1"]),
    nodeOf("w2", ["10.0.0.12", "::ffff:10.0.0.13"]),
  ]);
  const asks = (...names: string[]) => othersNamesRefusal({ node: "w1", names }, owners);
  expect(asks("10.0.0.11", "w1")).toBeUndefined();
  expect(asks("10.0.0.11", "10.0.0.12")).toContain("belongs to node w2");
  expect(asks("w2")).toContain("belongs to node w2");
  expect(asks("10.0.0.13")).toContain("belongs to node w2");
  // Both claim it: neither gets it.
  const both = ownersOf([nodeOf("w1", ["10.0.0.11"]), nodeOf("w2", ["10.0.0.11"])]);
  expect(othersNamesRefusal({ node: "w1", names: ["10.0.0.11"] }, both)).toContain("w2");
  expect(othersNamesRefusal({ node: "w2", names: ["10.0.0.11"] }, both)).toContain("w1");
});

test("no spelling of an address of a Service is anybody's", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 20 - 1 }), fc.boolean(), (offset, mapped) => {
      const plain = [10, 96 + (offset >> 16), (offset >> 8) & 255, offset & 255].join(".");
      const address = mapped ? `::ffff:${plain}` : plain;
      const liar = nodeOf("w1", [address], { "node-role.kubernetes.io/control-plane": "" });
      const request = { node: "w1", names: [canonicalName(address)] };
      return ownNamesRefusal(request, liar, reserved) === `${plain} is the address of a Service`;
    }),
  );
});

test("of a decided request is held who asked and when, of an open one everything", () => {
  const open: CertificateSigningRequest = {
    ...csr("PEM"),
    metadata: { name: "csr-1", uid: "1", resourceVersion: "7", creationTimestamp: "2026-11-26T10:00:00Z" },
  };
  expect(withoutWhatIsDone(open)).toEqual(open);
  const conditions = [{ type: "Approved", status: "True" as const }];
  const decided = withoutWhatIsDone({ ...open, status: { conditions, certificate: "PEM" } });
  expect(decided).toEqual({
    apiVersion: open.apiVersion,
    kind: open.kind,
    metadata: open.metadata,
    spec: { username: node.username },
    status: { conditions },
  });
  expect(isUndecided(decided)).toBe(false);
});
