import type { Declaration } from "../../supervisor/declaration.ts";

export const workerJoinDeclaration = {
  name: "join",
  carries: ["API"],
  dataEntries: ["kubelet-bootstrap.conf", "kubelet.conf"],
} satisfies Declaration;

/** Of a controller's own worker, which joins nothing. */
export const nodeCredentials = { name: "node-credentials" };
