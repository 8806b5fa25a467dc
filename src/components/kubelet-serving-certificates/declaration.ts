import type { ControllerDeclaration } from "../node-facts.ts";

/** Publishes whom to trust for what kubelets serve. */
export const kubeletServingCaDeclaration = {
  name: "kubelet-serving-ca",
  make: async ({ paths, client, leader, log }) =>
    (await import("./serving-ca.ts")).kubeletServingCaPublisher({
      pkiDir: paths.pkiDir,
      client,
      leader,
      log,
    }),
} satisfies ControllerDeclaration;

export const csrApproverDeclaration = {
  name: "csr-approver",
  make: async (node) => (await import("./component.ts")).csrApproverOf(node),
  disableable: true,
} satisfies ControllerDeclaration;
