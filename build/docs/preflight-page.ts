// docs/preflight.md from the findings of `k0s sysinfo`: what may be wrong with a host, why it matters and what to do.

import { examples } from "../../src/host/sysinfo/catalogue.ts";
import type { Outcome } from "../../src/host/sysinfo/probe.ts";

const intro = `# What is checked before a start

\`k0s sysinfo\` looks at a host and changes nothing. It says what is wrong, why it matters and what to do; on a healthy host it prints one line. \`--verbose\` shows the checks that passed, too, \`-o json\` and \`-o yaml\` all of them as data: upstream's fields, and \`why\` and \`remedy\` behind them. \`--controller=false\` or \`--worker=false\` leaves out what only that role needs. It exits with 1 if anything is rejected. Networks and ports are those of the controller that runs here, else of \`/etc/k0s/k0s.yaml\`, else the defaults.

\`k0s controller\` and \`k0s worker\` look at the same when they start: what is rejected ends the start (unless \`--ignore-pre-flight-checks\` is given), warnings are logged once. They do not ask for the options of the kernel that only some networks use, and look by themselves, with words of their own, at ports, mount options, name servers and the configuration. A worker learns the networks of its cluster only when it has joined, so at its start it is not asked whether a firewall drops them: \`k0s sysinfo\` is.

As somebody else than root, \`k0s sysinfo\` sees neither packet filters nor the processes of others.

Docker beside k0s is not a finding: it has names, addresses and a containerd of its own. Nor is a policy of \`drop\` for the chain FORWARD of iptables, which Docker and ufw set: Calico and kube-router have rules at its end that accept what pods send. A rule there that drops everything comes before those, and is one. Nor is a port that rules open to some senders alone, or on some links: there may be all the other nodes.

Links of Cilium, flannel and others that k0s does not install are leftovers on a host where k0s has not run yet. Later they are asked about only where k0s.yaml, or the controller that runs here, names Calico or kube-router: with \`custom\` they are the cluster's own, and a worker does not know.

In the table stand examples; what is found on a host is named.

This page is made from the checks (\`UPDATE_GOLDEN=1 bun test build/docs\`).
`;

export function preflightPage(): string {
  const rows = examples.map(({ check, outcome }) =>
    [
      cell(check),
      cell(whatText(outcome)),
      outcome.category,
      cell(outcome.why ?? ""),
      cell(outcome.remedy ?? ""),
    ].join(" | "),
  );
  return [
    intro,
    "| check | finding | | why it matters | what to do |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
    "",
  ].join("\n");
}

function whatText({ prop, message = "" }: Outcome): string {
  return [prop, message].filter(Boolean).join(": ");
}

/** A bar would end the cell, even in code. */
function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`);
}
