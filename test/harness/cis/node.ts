// Section 4: files and processes of a node.

import { argument } from "./control-plane.ts";
import type { CisCheck, Look, Want } from "./look.ts";
import { absent, atLeast, given, is, notOr, strongCiphers } from "./want.ts";

const kubeconfig = "/var/lib/k0s/kubelet.conf";
const authority = "/run/k0s/kubelet/ca.crt";
const config = "/run/k0s/kubelet/config.yaml";

const kubelet = (field: string, want: Want): Look => ({ by: "kubelet", field, want });
const mode = (files: string, most: number): Look => ({ by: "files", files, most });
const ofRoot = (files: string): Look => ({ by: "files", files, owner: "root:root" });
const noService: Look = { by: "no file", path: "/etc/systemd/system/kubelet.service" };

export const nodeChecks: readonly CisCheck[] = [
  { id: "4.1.1", about: "mode of kubelet's service: k0s starts it", looks: [noService] },
  { id: "4.1.2", about: "owner of kubelet's service: k0s starts it", looks: [noService] },
  {
    id: "4.1.3",
    about: "mode of kube-proxy's kubeconfig, which is kubelet's",
    looks: [
      mode(kubeconfig, 0o600),
      { by: "kube-proxy", field: "clientConnection.kubeconfig", want: is(kubeconfig) },
    ],
  },
  { id: "4.1.4", about: "owner of kube-proxy's kubeconfig", looks: [ofRoot(kubeconfig)] },
  { id: "4.1.5", about: "mode of kubelet's kubeconfig", looks: [mode(kubeconfig, 0o600)] },
  { id: "4.1.6", about: "owner of kubelet's kubeconfig", looks: [ofRoot(kubeconfig)] },
  { id: "4.1.7", about: "mode of the clients' authority", looks: [mode(authority, 0o644)] },
  { id: "4.1.8", about: "owner of the clients' authority", looks: [ofRoot(authority)] },
  { id: "4.1.9", about: "mode of kubelet's configuration", looks: [mode(config, 0o600)] },
  { id: "4.1.10", about: "owner of kubelet's configuration", looks: [ofRoot(config)] },
  {
    id: "4.2.1",
    about: "no requests without a name",
    looks: [kubelet("authentication.anonymous.enabled", is("false"))],
  },
  { id: "4.2.2", about: "not everything is allowed", looks: [kubelet("authorization.mode", is("Webhook"))] },
  {
    id: "4.2.3",
    about: "clients are verified",
    looks: [kubelet("authentication.x509.clientCAFile", is(authority))],
  },
  { id: "4.2.4", about: "no port without log-in", looks: [kubelet("readOnlyPort", noneOrZero())] },
  {
    id: "4.2.5",
    about: "idle connections end",
    looks: [kubelet("streamingConnectionIdleTimeout", is("5m0s"))],
  },
  { id: "4.2.6", about: "iptables", looks: [kubelet("makeIPTablesUtilChains", is("true"))] },
  {
    id: "4.2.7",
    about: "no host name that is given",
    looks: [argument("kubelet", "hostname-override", absent)],
    open: "k0s gives it: the name under which the node is known and certified",
  },
  { id: "4.2.8", about: "events are not lost", looks: [kubelet("eventRecordQPS", atLeast(0))] },
  {
    id: "4.2.9",
    about: "TLS: the certificate comes from the cluster and is renewed, instead of a file",
    looks: [kubelet("serverTLSBootstrap", is("true"))],
  },
  {
    id: "4.2.10",
    about: "its client certificate is renewed",
    looks: [kubelet("rotateCertificates", is("true"))],
  },
  {
    id: "4.2.11",
    about: "its serving certificate is renewed",
    looks: [kubelet("featureGates.RotateKubeletServerCertificate", notOr("false"))],
  },
  { id: "4.2.12", about: "ciphers", looks: [kubelet("tlsCipherSuites", strongCiphers)] },
  { id: "4.2.13", about: "processes of a pod are limited", looks: [kubelet("podPidsLimit", atLeast(1))] },
  { id: "4.2.14", about: "seccomp by default", looks: [kubelet("seccompDefault", is("true"))] },
  {
    id: "4.3.1",
    about: "kube-proxy's metrics are on loopback",
    looks: [{ by: "kube-proxy", field: "metricsBindAddress", want: is("127.0.0.1:10249") }],
  },
];

function noneOrZero(): Want {
  return { text: "is not given, or `0`", holds: (value) => !given.holds(value) || value === "0" };
}
