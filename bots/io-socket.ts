/** A WebSocket as a bot may use it: at its connection's own origin, to addresses the guard allows, texts alone. */
import { WebSocket } from 'undici';
import { DeskError } from '#desk/errors.ts';
import type { AddressGuard } from './io-guard.ts';

export type SocketUse = {
  /** Sent when it opens: who asks, and by what right. */
  first: readonly string[];
  /** The server's first word: nothing when it lets us in. */
  refusal: (text: string) => DeskError | undefined;
  onText: (text: string) => void;
  /** Once, when it broke; not when it was ended from here. */
  lost: () => void;
};
/** Resolves with what ends it once the server let us in. */
export type OpenSocket = (address: string, use: SocketUse) => Promise<() => void>;
export type SocketOptions = { origins: readonly string[]; guard: AddressGuard; timeoutMs: number };

export function makeSocket({ origins, guard, timeoutMs }: SocketOptions): OpenSocket {
  return (address, { first, refusal, onText, lost }) => {
    const url = checked(address, { origins, guard });
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { dispatcher: guard.sockets });
      let state: 'opening' | 'open' | 'ended' = 'opening';
      const end = (error?: DeskError): void => {
        const before = state;
        state = 'ended';
        clearTimeout(timer);
        socket.close();
        if (before === 'opening' && error !== undefined) reject(error);
        if (before === 'open' && error !== undefined) lost();
      };
      const letIn = (refused: DeskError | undefined): void => {
        if (refused !== undefined) {
          end(refused);
          return;
        }
        state = 'open';
        clearTimeout(timer);
        resolve(() => end());
      };
      const broken = (): void => end(new DeskError('unavailable', 'The socket is not there'));
      const timer = setTimeout(broken, timeoutMs);
      socket.addEventListener('open', () => first.forEach((text) => socket.send(text)));
      socket.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string' || state === 'ended') return;
        if (state === 'open') onText(data);
        else letIn(refusal(data));
      });
      socket.addEventListener('error', broken);
      socket.addEventListener('close', broken);
    });
  };
}

/** `wss:` beside `https:`, `ws:` beside `http:`. */
function checked(address: string, { origins, guard }: Pick<SocketOptions, 'origins' | 'guard'>): URL {
  const url = URL.parse(address);
  const asHttp = url?.origin === undefined ? '' : `${url.protocol.replace('ws', 'http')}//${url.host}`;
  const isOwn = origins.some((origin) => URL.parse(origin)?.origin === URL.parse(asHttp)?.origin);
  if (url === null || !/^wss?:$/.test(url.protocol) || !isOwn || url.username !== '')
    throw new DeskError('config', `${asHttp} is no origin of this connection`);
  guard.checkHost(url.hostname);
  return url;
}
