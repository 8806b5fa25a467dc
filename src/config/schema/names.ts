// What counts as a DNS name, a DNS label, host:port. Matches govalidator and apimachinery's validation.

import { isIp } from "../../std/ip.ts";

const dnsName = /^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62}(\.[a-zA-Z0-9_][a-zA-Z0-9_-]{0,62})*[._]?$/;
const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const releaseName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function isDnsName(text: string): boolean {
  return text.replaceAll(".", "").length <= 255 && dnsName.test(text) && !isIp(text);
}

/** RFC 1123 label: what names of objects and hosts are made of. */
export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

/** RFC 1123 subdomain: names of most objects. */
export function isObjectName(text: string): boolean {
  return text.length <= 253 && releaseName.test(text);
}

/** What Helm accepts as the name of a release. */
export function isReleaseName(text: string): boolean {
  return text.length <= 53 && releaseName.test(text);
}

export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Splits `host`, `host:port`, `::1` and `[::1]:port`; undefined when host or port are not valid. */
export function parseHostPort(text: string): HostPort | undefined {
  if (isIp(text)) return { host: text, port: undefined };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, bracketed, plain, portText] = match;
  const host = bracketed ?? plain ?? "";
  const port = portText === undefined ? undefined : Number(portText);
  const validHost = bracketed === undefined ? isIp(host) || isDnsName(host) : isIp(host);
  if (!validHost || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return { host, port };
}

/** host:port with both parts. */
export function isHostPort(text: string): boolean {
  return parseHostPort(text)?.port !== undefined;
}
