import type { ControllerDeclaration } from "../node-facts.ts";

export interface CertificateNeeds {
  /**
   * Addresses of this host for its certificates, as they were at the start: an interface that comes later (of a
   * container runtime, of a VPN) does not renew certificates, nor restart what reads them once, while everything runs.
   */
  readonly addresses: () => Promise<readonly string[]>;
}

export const certificatesDeclaration = {
  name: "certificates",
  make: async (node) => (await import("./component.ts")).certificatesComponent(node),
  details: async (node) => {
    const [{ certificatesOf }, { expiryText }] = await Promise.all([
      import("./component.ts"),
      import("./expiry.ts"),
    ]);
    const text = await expiryText(certificatesOf(node), new Date());
    return text === undefined ? {} : { Expires: text };
  },
  dataEntries: ["pki"],
} satisfies ControllerDeclaration<CertificateNeeds>;
