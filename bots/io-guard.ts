/**
 * Whom a bot may connect to: public addresses, and the private ones that the platform's configuration lists. Asked of the
 * very addresses that are then connected to, so that a name that resolves differently the second time gains nothing.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import { DeskError } from '#desk/errors.ts';

/** Private, local and special networks (IANA special-purpose registries), with the lengths of their prefixes. */
const SPECIAL: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const special = listOf(SPECIAL.map(([address, prefix]) => `${address}/${prefix}`));

export interface AddressGuard {
  /** Connects only where it is allowed; shared by all calls of a connection, so that sockets are kept. */
  dispatcher: Dispatcher;
  /** The same for sockets that stay open: one for each agent who listens, none of them in the way of a call. */
  sockets: Dispatcher;
  /** Throws `config` for an address written as a number that is not allowed; names are checked when they are resolved. */
  checkHost(hostname: string): void;
  lookup: LookupFunction;
  close(): Promise<void>;
}

const SOCKETS = 16; // per origin: a tool sees no more of us at once
const CONNECT_MS = 10_000;

/** `privateNetworks` in CIDR form, as the configuration lists them. `ca`: further authorities, for tests. */
export function makeGuard({ privateNetworks, ca }: { privateNetworks: readonly string[]; ca?: string }): AddressGuard {
  const allowed = listOf(privateNetworks);
  const isAllowed = (address: string): boolean => {
    const [bare, family] = bareAddress(address);
    return allowed.check(bare, family) || !special.check(bare, family);
  };
  const guarded = guardedLookup(isAllowed);
  const connect = { timeout: CONNECT_MS, lookup: guarded, ...(ca !== undefined && { ca }) };
  const [dispatcher, sockets] = [new Agent({ connections: SOCKETS, connect }), new Agent({ connect })];
  return {
    dispatcher,
    sockets,
    lookup: guarded,
    checkHost(hostname) {
      const host = hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) !== 0 && !isAllowed(host)) throw refusal(host);
    },
    close: async () => {
      await Promise.all([dispatcher.close(), sockets.destroy()]);
    },
  };
}

/** The address to connect to, for protocols whose library has no `lookup`: judged, and then used as it is. */
export function resolveGuarded(guard: AddressGuard, hostname: string): Promise<string> {
  const host = hostname.replace(/^\[|\]$/g, '');
  guard.checkHost(host);
  return new Promise((resolve, reject) => {
    guard.lookup(host, {}, (error, address) => {
      if (error !== null) reject(error);
      else resolve(typeof address === 'string' ? address : (address[0]?.address ?? ''));
    });
  });
}

function guardedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) {
        callback(error, '');
        return;
      }
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) callback(refusal(hostname), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(host: string): DeskError {
  return new DeskError('config', `${host} is a private address that the configuration does not list (privateNetworks)`);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return list;
}

/** An IPv4 address in IPv6 clothes is judged as what it is. */
function bareAddress(address: string): [string, 'ipv4' | 'ipv6'] {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return [mapped, 'ipv4'];
  return [address.split('%')[0] ?? address, isIP(address) === 6 ? 'ipv6' : 'ipv4'];
}
