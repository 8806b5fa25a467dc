import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodePaths } from "../../product/paths.ts";
import { caReply } from "./protocol.ts";
import { writeClusterCa } from "./write-ca.ts";

const pem = (what: string): string => `-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`;
const reply = {
  key: btoa(pem("KEY")),
  cert: btoa(pem("CA")),
  saKey: btoa(pem("SA")),
  saPub: btoa(pem("PUB")),
};

test.each([
  ["what the cluster verifies kubelets with", { kubeletCa: btoa(pem("KUBELETS")) }, pem("KUBELETS")],
  ["the cluster's CA, if the controller is of the past or of upstream's make", {}, pem("CA")],
])("a joining controller accepts of kubelets %s", async (_, more, expected) => {
  const dataDir = mkdtempSync(join(tmpdir(), "k0s-join-"));
  const paths = nodePaths({ dataDir });
  try {
    mkdirSync(paths.pkiDir);
    await writeClusterCa(paths, caReply.parse({ ...reply, ...more }));
    expect(readFileSync(join(paths.pkiDir, "kubelet-serving-bundle.crt"), "utf8")).toBe(expected);
    expect(readFileSync(join(paths.pkiDir, "ca.key"), "utf8")).toBe(pem("KEY"));
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
