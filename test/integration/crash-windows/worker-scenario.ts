// What a worker does to its files when it joins.

import { join } from "node:path";
import { nodePaths } from "../../../src/product/paths.ts";
import { ensureDir } from "../../../src/os/files.ts";
import { removeStaleTemporaries } from "../../../src/os/temporary-files.ts";
import { issueCa, issueLeaf } from "../../../src/pki/issue.ts";
import { generateKeyPem } from "../../../src/pki/keys.ts";
import { storeNodeCertificate } from "../../../src/components/worker-join/kubelet-kubeconfig.ts";
import { writeSettingsCache } from "../../../src/components/worker-config/cache.ts";
import { storedMembership } from "../../../src/components/worker-join/membership.ts";
import { nodeUser } from "../../../src/components/worker-join/node-user.ts";
import type { Scenario } from "./scenario.ts";
import { parseTrust } from "../../../src/std/trust-bundle.ts";

const year = 365 * 86_400_000;

export async function workerScenario(): Promise<Scenario> {
  const ca = await issueCa({ cn: "kubernetes-ca", expiresMs: 10 * year, key: await generateKeyPem() });
  const certificate = await issueLeaf({
    ca,
    cn: nodeUser("w1"),
    o: ["system:nodes"],
    expiresMs: year,
    key: await generateKeyPem(),
  });
  return {
    name: "join of a worker",
    normalize: (path) => path.replace(/kubelet-client-\d.*\.pem/, "kubelet-client-TIME.pem"),
    run: async (dir) => {
      const paths = nodePaths({ dataDir: join(dir, "data"), runDir: join(dir, "run") });
      const { state } = await storedMembership(paths, "w1");
      await ensureDir(paths.dataDir, { mode: 0o755 });
      const kubeletPki = join(paths.kubeletRootDir, "pki");
      await removeStaleTemporaries([paths.dataDir, paths.kubeletRootDir, kubeletPki]);
      const cluster = { server: "https://192.0.2.1:6443", ca: parseTrust(ca.cert, "ca.crt") };
      if (state === "none") await storeNodeCertificate(paths, cluster, certificate);
      await writeSettingsCache(paths, { name: "worker-config-default-1.37", data: { a: "b" } });
    },
  };
}
