import type { Declaration } from "../../supervisor/declaration.ts";

export const workerJoinDeclaration = {
  name: "join",
  dataEntries: ["kubelet-bootstrap.conf", "kubelet.conf"],
} satisfies Declaration;
