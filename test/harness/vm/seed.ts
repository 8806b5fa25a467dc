// Disks that tell cloud-init what a machine is to be, as an operator or a cloud makes them.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFat } from "../../../build/vm-images/boot-partition.ts";

export interface Seed {
  readonly hostname: string;
  /** With the length of its network's prefix, 24. */
  readonly address: string;
  readonly gateway: string;
  readonly mac: string;
  /** Another card, which gets its address by DHCP. */
  readonly dhcpMac?: string;
  readonly files: readonly SeedFile[];
}

export interface SeedFile {
  readonly path: string;
  readonly text: string;
}

/** In JSON, which is YAML as well. */
export function userData({ files }: Pick<Seed, "files">): string {
  const written = files.map(({ path, text }) => ({ path, content: text, permissions: "0600" }));
  return `#cloud-config\n${JSON.stringify({ write_files: written })}\n`;
}

/** By their paths on a disk with the label CIDATA. */
export function noCloud(seed: Seed): Readonly<Record<string, string>> {
  const { hostname, address, gateway, mac, dhcpMac } = seed;
  const card = { match: { macaddress: mac }, addresses: [`${address}/24`], gateway4: gateway };
  const second = dhcpMac === undefined ? {} : { second: { match: { macaddress: dhcpMac }, dhcp4: true } };
  return {
    "meta-data": JSON.stringify({ "instance-id": hostname, "local-hostname": hostname }),
    "user-data": userData(seed),
    "network-config": JSON.stringify({ version: 2, ethernets: { card, ...second } }),
  };
}

/** By their paths on a disk with the label config-2, which OpenStack and others attach. */
export function configDrive(seed: Seed): Readonly<Record<string, string>> {
  const { hostname, address, gateway, mac } = seed;
  const route = { network: "0.0.0.0", netmask: "0.0.0.0", gateway };
  const network = { id: "network0", type: "ipv4", link: "card", netmask: "255.255.255.0" };
  const base = "openstack/latest";
  return {
    [`${base}/meta_data.json`]: JSON.stringify({ uuid: hostname, hostname }),
    [`${base}/user_data`]: userData(seed),
    [`${base}/network_data.json`]: JSON.stringify({
      links: [{ id: "card", type: "phy", ethernet_mac_address: mac }],
      networks: [{ ...network, ip_address: address, routes: [route] }],
      services: [],
    }),
  };
}

/** Writes the disk `<dir>/<label>.img`, and returns its path. */
export async function seedDisk(
  dir: string,
  label: "CIDATA" | "config-2",
  texts: Readonly<Record<string, string>>,
): Promise<string> {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text, source: join(dir, label, path) }));
  for (const { source, text } of files) {
    await mkdir(dirname(source), { recursive: true });
    await writeFile(source, text);
  }
  const disk = join(dir, `${label}.img`);
  await makeFat(disk, files, { label, bytes: 4 * 1024 ** 2 });
  return disk;
}
