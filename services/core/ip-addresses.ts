/** IP networks of access control contexts (m2m:ipv4, m2m:ipv6: an address with an optional prefix length). */

export interface Network {
  /** 4 or 16 numbers 0 … 255. */
  bytes: number[];
  /** How many bits must agree. */
  bits: number;
}

/** `10.0.0.0/8` or `10.0.0.1`; undefined for anything else. */
export function parseIpv4Network(text: string): Network | undefined {
  return parseNetwork(text, ipv4Bytes);
}

/** `2001:db8::/32` or `::1`; undefined for anything else. */
export function parseIpv6Network(text: string): Network | undefined {
  return parseNetwork(text, ipv6Bytes);
}

/** Whether an address belongs to any of the networks. Neither malformed address nor malformed network ever matches. */
export function isInNetworks(address: string, ipv4: readonly string[], ipv6: readonly string[]): boolean {
  const bytes = ipv4Bytes(address) ?? mappedIpv4(ipv6Bytes(address));
  if (bytes === undefined) return false;
  const networks =
    bytes.length === 4 ? ipv4.map((text) => parseIpv4Network(text)) : ipv6.map((text) => parseIpv6Network(text));
  return networks.some((network) => network !== undefined && agree(network, bytes));
}

function agree({ bytes, bits }: Network, address: number[]): boolean {
  for (let at = 0; at * 8 < bits; at++) {
    const mask = bits - at * 8 >= 8 ? 0xff : (0xff << (8 - (bits - at * 8))) & 0xff;
    if (((bytes[at]! ^ address[at]!) & mask) !== 0) return false;
  }
  return true;
}

function parseNetwork(text: string, parse: (address: string) => number[] | undefined): Network | undefined {
  const slash = text.indexOf('/');
  const bytes = parse(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  if (slash < 0) return { bytes, bits: bytes.length * 8 };
  const length = text.slice(slash + 1);
  const bits = Number(length);
  return /^\d{1,3}$/.test(length) && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(?:0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function ipv6Bytes(text: string): number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupBytes(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupBytes(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Bytes of groups between colons; at the end of the address the last may be an IPv4 address. */
function groupBytes(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (atEnd && index === groups.length - 1 && group.includes('.')) {
      const last = ipv4Bytes(group);
      if (last === undefined) return undefined;
      bytes.push(...last);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

/** `::ffff:10.0.0.1` is the IPv4 address in it. */
function mappedIpv4(bytes: number[] | undefined): number[] | undefined {
  if (bytes === undefined) return undefined;
  const mapped = bytes.every((byte, at) => at >= 12 || byte === (at >= 10 ? 0xff : 0));
  return mapped ? bytes.slice(12) : bytes;
}
