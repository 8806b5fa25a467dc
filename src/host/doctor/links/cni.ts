// Whether pods get a network: the configuration that the container runtime takes, its plug-ins, the network's own pods, and
// whether the kernel forwards.

import { join } from "node:path";
import { primaryAddressFamily } from "../../../config/derived.ts";
import { readSysctl } from "../../../os/kernel.ts";
import { statIfExists } from "../../../os/files.ts";
import { openPayload } from "../../../payload/payload.ts";
import { cniPluginNames } from "../../../payload/stage-cni-plugins.ts";
import { cniConfDir, hostCniBinDir } from "../../../product/paths.ts";
import { chosenCniFile, type CniFile, foreignCniProblem } from "../../../status/problems/cni-config.ts";
import type { Problem } from "../../../status/problems/problem.ts";
import { podsOf, podTroubles } from "../cluster-judgement.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { ExaminedNode } from "../examined-node.ts";
import { all, type Explained, type Finding, type Verdict, verdictOf } from "../finding.ts";
import { type Examination, link } from "../link.ts";
import { redacted } from "../redacted.ts";

export interface CniFacts {
  readonly files: readonly CniFile[];
  /** `calico`, `kuberouter`, `custom`; undefined where nobody has said. */
  readonly provider: string | undefined;
  /** Names of plug-ins that the configuration asks for and that no folder of plug-ins has. */
  readonly missingPlugins: readonly string[];
  /** Those that k0s puts in place when it starts; asked for only where one is missing. */
  readonly brought: readonly string[];
  /** `net.ipv4.ip_forward`, in a cluster with IPv4. */
  readonly forwarding: string | undefined;
  readonly pods: readonly Problem[];
  /** The network's own pod on this node, by its name. */
  readonly ownPod: string | undefined;
}

export const cniLink = link<CniFacts>({ name: "CNI", look: lookAtCni, judge: judgeCni });

async function lookAtCni({ node, shared }: Examination): Promise<CniFacts> {
  const [{ cniFiles }, view] = await Promise.all([shared.host(), shared.cluster()]);
  const { config, settings, workloads } = node;
  const missing = workloads ? await missingPlugins(cniFiles, node) : [];
  return {
    files: cniFiles,
    provider: config?.spec.network.provider ?? settings?.networkProvider,
    missingPlugins: missing,
    brought: missing.length === 0 ? [] : await broughtPlugins(),
    forwarding: hasIpv4(node) ? await readSysctl("net.ipv4.ip_forward") : undefined,
    pods: view === undefined ? [] : podTroubles("CNI", view, node),
    ownPod: view === undefined ? undefined : ownPodOf(view, node),
  };
}

async function broughtPlugins(): Promise<readonly string[]> {
  await using payload = await openPayload();
  return cniPluginNames(payload);
}

function hasIpv4({ config, settings }: ExaminedNode): boolean {
  if (config === undefined) return settings?.primaryAddressFamily !== "IPv6" || settings.dualStackEnabled;
  return config.spec.network.dualStack.enabled || primaryAddressFamily(config) === "IPv4";
}

function ownPodOf(view: ClusterView, { nodeName }: ExaminedNode): string | undefined {
  const pods = [...podsOf("calico-node", view), ...podsOf("kube-router", view)];
  return pods.find(({ spec }) => spec?.nodeName === nodeName)?.metadata.name;
}

async function missingPlugins(
  files: readonly CniFile[],
  { paths }: ExaminedNode,
): Promise<readonly string[]> {
  // Another runtime has its own places for them.
  if ((await statIfExists(paths.containerdRootDir)) === undefined) return [];
  const config = chosenCniFile(files)?.config;
  const types = [config?.type, ...(config?.plugins ?? []).map(({ type }) => type)].filter(
    (type): type is string => typeof type === "string" && !type.includes("/"),
  );
  const found = await Promise.all(
    types.map(async (type) => {
      const places = [join(paths.cniBinDir, type), join(hostCniBinDir, type)];
      const present = await Promise.all(places.map(async (path) => (await statIfExists(path)) !== undefined));
      return present.includes(true) ? [] : [type];
    }),
  );
  return found.flat();
}

const noPods = "no pod with a network of its own starts on this node";

export function judgeCni(facts: CniFacts, node: ExaminedNode): Verdict {
  if (!node.workloads) {
    const found = facts.pods.map((problem) => ofPod(problem));
    return found.length > 0 ? verdictOf(found) : { state: "absent", why: "no pods run on this host" };
  }
  const { provider, files, missingPlugins: missing, forwarding, pods, ownPod } = facts;
  const foreign = provider === undefined ? undefined : foreignCniProblem(files, provider);
  const network: Explained = { link: "node", about: "network" };
  const explains = [network, ...all("DNS", "system pods")];
  const finding = (what: string, evidence: readonly string[], remedy: string, effect = noPods): Finding => ({
    link: "CNI",
    what,
    evidence,
    effect,
    remedy,
    explains,
  });
  const names = files.map(({ name }) => name).join(", ");
  const there = `${cniConfDir} has ${names === "" ? "no file" : names}`;
  return verdictOf([
    ...(forwarding === "0"
      ? [
          finding(
            "the kernel of this host does not forward packets: net.ipv4.ip_forward is 0",
            ["/proc/sys/net/ipv4/ip_forward: 0"],
            "sysctl -w net.ipv4.ip_forward=1, and look at what sets it: /etc/sysctl.conf, /etc/sysctl.d, a firewall; k0s sets it when it starts",
            "pods reach neither each other on other nodes nor Services",
          ),
        ]
      : []),
    ...(foreign === undefined
      ? []
      : [
          finding(
            foreign.text,
            [there, ...(missing.length === 0 ? [] : [`its plug-in ${missing.join(", ")} is missing, too`])],
            foreign.remedy ?? "remove it",
          ),
        ]),
    ...(chosenCniFile(files) === undefined &&
    provider !== undefined &&
    provider !== "custom" &&
    pods.length === 0
      ? [
          finding(
            `the network configuration is gone: ${cniConfDir} has none that the container runtime can read`,
            [there],
            ownPod === undefined
              ? "restart k0s, and look at the pods of the network in kube-system"
              : `let its pod write it again: on a controller, \`k0s kubectl -n kube-system delete pod ${ownPod}\``,
          ),
        ]
      : []),
    // Without the stranger's file nobody asks for its plug-ins.
    ...(missing.length === 0 || foreign !== undefined
      ? []
      : [
          finding(
            `the CNI plug-in ${missing.join(", ")} is missing`,
            [`neither ${node.paths.cniBinDir} nor ${hostCniBinDir} has it`],
            missingRemedy(facts),
          ),
        ]),
    ...pods.map((problem) => ofPod(problem, explains)),
  ]);
}

/** What the pods of each network put in place themselves. */
const ofNetworks: Readonly<Record<string, readonly string[]>> = { calico: ["calico", "calico-ipam"] };

/** Only what k0s or the cluster's network brings comes back by itself. */
function missingRemedy({ missingPlugins: missing, brought, provider = "", files }: CniFacts): string {
  const known = [...brought, ...(ofNetworks[provider] ?? [])];
  const others = missing.filter((type) => !known.includes(type));
  if (others.length === 0)
    return "restart k0s, which puts its plug-ins in place again; those of the network come with its pod";
  const path = join(cniConfDir, chosenCniFile(files)?.file ?? "");
  return `k0s does not bring ${others.join(", ")}: put it into ${hostCniBinDir}, as the pods of its network do, or take it out of ${path}`;
}

function ofPod(
  { text, remedy, about }: Problem,
  explains: readonly Explained[] = all("DNS", "system pods"),
): Finding {
  return {
    link: "CNI",
    ...(about === undefined ? {} : { about }),
    what: redacted(text),
    evidence: [`the pods of ${about ?? "the network"} in kube-system`],
    effect: "pods there do not get a network, or lose their way to other nodes",
    remedy: remedy ?? "on a controller, `k0s kubectl -n kube-system get pods -o wide` shows them",
    explains,
  };
}
