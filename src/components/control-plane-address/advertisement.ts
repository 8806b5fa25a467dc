// The one packet of VRRP version 2 with a simple password: RFC 2338 §5, which keepalived speaks too. IPv4 only.

export interface Advertisement {
  readonly virtualRouterId: number;
  /** 0: the master resigns. */
  readonly priority: number;
  readonly intervalSeconds: number;
  /** Dotted, without prefix. */
  readonly addresses: readonly string[];
  /** At most eight bytes. */
  readonly password: string;
}

const versionAndType = 0x21;
const simplePassword = 1;
const headerBytes = 8;
const passwordBytes = 8;

export function encodeAdvertisement(advertisement: Advertisement): Buffer {
  const { virtualRouterId, priority, intervalSeconds, addresses, password } = advertisement;
  const bytes = Buffer.alloc(headerBytes + addresses.length * 4 + passwordBytes);
  bytes.set([versionAndType, virtualRouterId, priority, addresses.length, simplePassword, intervalSeconds]);
  for (const [index, address] of addresses.entries())
    bytes.set(address.split(".").map(Number), headerBytes + index * 4);
  bytes.write(password, bytes.length - passwordBytes, passwordBytes, "latin1");
  bytes.writeUInt16BE(checksum(bytes), 6);
  return bytes;
}

/** Undefined for what is not a sound advertisement of version 2 with a simple password. */
export function decodeAdvertisement(bytes: Buffer): Advertisement | undefined {
  const [first, virtualRouterId = 0, priority = 0, count = 0, kind, intervalSeconds = 0] = bytes;
  const length = headerBytes + count * 4 + passwordBytes;
  if (first !== versionAndType || kind !== simplePassword || bytes.length !== length) return undefined;
  if (checksum(bytes) !== 0) return undefined;
  const addresses = Array.from({ length: count }, (_, index) =>
    bytes.subarray(headerBytes + index * 4, headerBytes + index * 4 + 4).join("."),
  );
  const password = bytes.toString("latin1", length - passwordBytes).replace(/\0+$/, "");
  return { virtualRouterId, priority, intervalSeconds, addresses, password };
}

/** One's complement of the one's complement sum; 0 over a packet that holds the right one. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
