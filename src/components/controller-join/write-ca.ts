// Writes the authorities that a joining controller gets. Upstream: cmd/controller/controller.go.

import { join } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { ensureDir, writeFileIfChanged } from "../../os/files.ts";
import { kubeletServingFiles } from "../../pki/kubelet-serving-ca.ts";
import { UserError } from "../../std/errors.ts";
import { ringFile } from "../secrets-encryption/files.ts";
import type { CaReply } from "./protocol.ts";

/** The cluster's CA comes last: that it is there says that everything is. */
export async function writeClusterCa(paths: NodePaths, ca: CaReply): Promise<void> {
  await writeFileIfChanged(join(paths.pkiDir, "sa.key"), decoded(ca.saKey, "saKey"), { mode: 0o640 });
  await writeFileIfChanged(join(paths.pkiDir, "sa.pub"), decoded(ca.saPub, "saPub"), { mode: 0o640 });
  // A controller that does not tell is of a time when the cluster's CA signed for kubelets, too.
  const kubeletCa = decoded(ca.kubeletCa ?? ca.cert, "kubeletCa");
  await writeFileIfChanged(kubeletServingFiles(paths.pkiDir).bundle, kubeletCa, { mode: 0o644 });
  // kube-apiserver's file is made of it when that starts.
  if (ca.encryption !== undefined && ca.encryption !== null)
    await writeFileIfChanged(ringFile(paths), Buffer.from(ca.encryption, "base64"), { mode: 0o640 });
  await writeFileIfChanged(join(paths.pkiDir, "ca.crt"), decoded(ca.cert, "cert"), { mode: 0o644 });
  await writeFileIfChanged(join(paths.pkiDir, "ca.key"), decoded(ca.key, "key"), { mode: 0o640 });
}

/** Those of an earlier try, with another cluster maybe, are replaced: with them no member would talk to this one. */
export async function writeEtcdCa(paths: NodePaths, ca: CaReply, uid: number): Promise<void> {
  const owner = { mode: 0o640, uid, gid: 0 };
  await ensureDir(paths.etcdPkiDir, { mode: 0o711, uid, gid: 0 });
  await writeFileIfChanged(join(paths.etcdPkiDir, "ca.crt"), decoded(ca.cert, "ca.cert"), owner);
  await writeFileIfChanged(join(paths.etcdPkiDir, "ca.key"), decoded(ca.key, "ca.key"), owner);
}

function decoded(field: string | null | undefined, name: string): Buffer {
  const bytes = Buffer.from(field ?? "", "base64");
  if (bytes.includes("-----BEGIN ")) return bytes;
  throw new UserError(`the join API sent no usable ${name}`, {
    code: "bad-join-answer",
    hint: "Is the server of the join token really a controller? See its log.",
  });
}
