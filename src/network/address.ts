import { BlockList, isIP } from 'node:net';

/** Whether an address to serve on can be reached from this machine only. Names other than localhost may be anything. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0
    ? host.toLowerCase() === 'localhost'
    : LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** The address that limits count by: IPv4 as such, of IPv6 the network, whose addresses are all one machine's. */
export function clientOf(remoteAddress: string): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!address.includes(':') || isLoopback(address)) return address;
  const [front, back] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = back === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...(back ?? [])];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
