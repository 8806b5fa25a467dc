// "This address is mine now", told to everybody on the link, so that switches and neighbours forget the old holder:
// RFC 826, RFC 5944 §4.6 (an announcement as request and as reply: some listen to the one, some to the other).

const broadcast = Buffer.alloc(6, 0xff);
const nobody = Buffer.alloc(6);
const arp = Buffer.from([0x08, 0x06]);
/** Ethernet, IPv4, six and four bytes. */
const kinds = Buffer.from([0, 1, 8, 0, 6, 4]);

/** Complete Ethernet frames. */
export function gratuitousArp(hardwareAddress: string, ip: string): Buffer[] {
  const own = Buffer.from(hardwareAddress.replaceAll(":", ""), "hex");
  const address = Buffer.from(ip.split(".").map(Number));
  return [1, 2].map((operation) => {
    const header = [broadcast, own, arp, kinds, Buffer.from([0, operation])];
    const target = operation === 1 ? nobody : broadcast;
    return Buffer.concat([...header, own, address, target, address]);
  });
}
