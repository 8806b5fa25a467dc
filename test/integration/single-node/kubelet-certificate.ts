// Kubelets' serving certificates have an authority of their own: docs/adr/0049-kubelet-serving-ca.md.

import { expect, test } from "bun:test";
import { certificateOn, servingCertificate, signerOf } from "../../harness/kubelet-certificate.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

export function kubeletCertificateTests(node: () => TestMachine): void {
  test("a kubelet's certificate holds its own names, is signed by an authority of its own, and that is all that is believed", async () => {
    const machine = node();
    const { kubectl } = machine;
    const certificate = await certificateOn(machine, servingCertificate);
    expect(await signerOf(certificate, machine)).toEqual(["kubelet-serving-ca"]);
    expect(certificate.subjectAltName).toBe(`DNS:single, IP Address:${machine.address}`);
    const read = (name: string): Promise<string> => machine.readFile(`/var/lib/k0s/pki/${name}.crt`);
    expect(await read("kubelet-serving-bundle")).toBe(await read("kubelet-serving-ca"));
    const published = ["get", "configmap", "kubelet-serving-ca", "-o", "jsonpath={.data.ca\\.crt}"];
    expect(await kubectl("-n", "kube-system", ...published)).toBe(await read("kubelet-serving-ca"));
    // The API server verifies what it talks to.
    expect(await kubectl("get", "--raw", "/api/v1/nodes/single/proxy/healthz")).toBe("ok");
  });
}
