// Why the command line differs from upstream's: a sentence for each deviation, and none for what does not differ.

import type { Aspect } from "./deviations.ts";

/** By aspect and `reasonKey`. Links are those of a page in docs/. */
export type Reasons = Readonly<Record<Aspect, Readonly<Record<string, string>>>>;

const addUp = "nothing that was given is forgotten";
const oneOfHost = "which k0s is meant";
const likeOthers = "accepted as with the other commands of `k0s token`";
const noKeepalived =
  "not planned: there is no keepalived, k0s itself makes the virtual address ([ADR 68](adr/0068-keepalived-settings.md))";
const secrets = "how Secrets are encrypted, a new key: [hardening.md](hardening.md#secrets-at-rest)";
const live =
  "what a changed configuration would do, and doing it: [live-configuration.md](live-configuration.md)";
const stacks = "how folders of manifests are applied: [manifests.md](manifests.md#seeing-how-stacks-are)";
const sandboxes = "clusters to try things out: [sandboxes.md](sandboxes.md)";

export const reasons: Reasons = {
  missing: {
    "k0s api":
      "not planned: the join API is part of `k0s controller` ([ADR 15](adr/0015-join-api-in-process.md))",
    "k0s keepalived-config virtualservers": noKeepalived,
    "k0s keepalived-config vrrp": noKeepalived,
    "k0s keepalived-setstate": noKeepalived,
  },
  refused: {
    "--enable-metrics-scraper": "not yet; a Prometheus of your own",
  },
  more: {
    "k0s config apply": live,
    "k0s config diff": live,
    "k0s config plan": live,
    "k0s doctor": "the first broken link of a node, with its evidence and what to do: [doctor.md](doctor.md)",
    "k0s etcd status": "size, quota, alarms, defragmentation of this member",
    "k0s logs": "the log of this host, wherever it is kept: [logs.md](logs.md)",
    "k0s logs level": "what a component logs, changed while it runs: [logs.md](logs.md)",
    "k0s restart": "the rest of what is done with a service: [services.md](services.md)",
    "k0s sandbox create": sandboxes,
    "k0s sandbox delete": sandboxes,
    "k0s sandbox exec": sandboxes,
    "k0s sandbox kubeconfig": sandboxes,
    "k0s sandbox list": sandboxes,
    "k0s sandbox status": sandboxes,
    "k0s secrets rotate-key": secrets,
    "k0s secrets status": secrets,
    "k0s stack diff": stacks,
    "k0s stack list": stacks,
    "k0s stack status": stacks,
    "k0s support-bundle":
      "an archive for those who help, without secrets: [support-bundle.md](support-bundle.md)",
    "k0s uninstall": "the rest of what is done with a service: [services.md](services.md)",
    "--certificate-authority": "trusts a CA besides those of the host: [airgap.md](airgap.md)",
    "--data-dir": oneOfHost,
    "--data-dir without effect": likeOthers,
    "--dry-run": "only shows what would be removed",
    "--no-progress": "plain lines on a terminal, too",
    "--status-socket": oneOfHost,
    "--status-socket without effect": likeOthers,
    "--timeout": "how long to wait for its end",
    "--yes": "no question",
  },
  aliases: {},
  words: {
    "k0s config validate": "a file that is given as a word is refused with the flag that is meant",
  },
  hidden: {},
  kind: {
    "--groups": "Kubernetes reads one group per organization of a certificate",
    "--kube-controller-manager-extra-args": addUp,
    "--kubelet-extra-args": addUp,
    "--logging": addUp,
    "--platform": "one bundle serves nodes of several platforms",
  },
  letter: {},
  default: {
    "--expiry": "a token is worth the CA's key: [ADR 15](adr/0015-join-api-in-process.md)",
    "--valid": "a token is worth the CA's key: [ADR 15](adr/0015-join-api-in-process.md)",
    "--verbose":
      "the flags are those of the service, with its defaults; what is not given is not written down",
  },
  effect: { "--config": "its Helm charts are in the bundle, too: [airgap.md](airgap.md#charts)" },
  values: {},
};
