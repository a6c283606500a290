/** A gate in front of a real database: it lets nobody in before all that was told has happened, and goes wrong as told. */
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** `cutAfter`: bytes of an answer after which the connection breaks; `garbledAt`: the one that is another. */
export type GateFault = { slowMs: number } | { cutAfter: number } | { garbledAt: number } | 'gone';

export interface Gate {
  readonly port: number;
  readonly entered: () => number;
  fault: GateFault | undefined;
  stop(): Promise<void>;
}

export async function openGate(server: NetConnectOpts, settled: () => Promise<void>): Promise<Gate> {
  const sockets = new Set<Socket>();
  let entered = 0;
  const pass = (inner: Socket): void => {
    if (gate.fault === 'gone') {
      inner.destroy();
      return;
    }
    entered += 1;
    const fault = typeof gate.fault === 'object' ? gate.fault : undefined;
    void settled().then(() => {
      const outer = connect(server);
      for (const [one, other] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        sockets.add(one);
        one.setNoDelay(true).on('error', () => other.destroy());
        one.on('close', () => sockets.delete(one) && other.destroy());
      }
      inner.on('data', (bytes) => outer.write(bytes));
      let said = 0;
      outer.on('data', (bytes) => {
        if (fault !== undefined && 'garbledAt' in fault) bytes[fault.garbledAt - said] = 0xff;
        said += bytes.length;
        if (fault !== undefined && 'cutAfter' in fault && said > fault.cutAfter) inner.destroy();
        else if (fault !== undefined && 'slowMs' in fault) setTimeout(() => inner.write(bytes), fault.slowMs);
        else inner.write(bytes);
      });
    });
  };
  const listener = createServer(pass);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const gate: Gate = {
    port: (listener.address() as AddressInfo).port,
    entered: () => entered,
    fault: undefined,
    stop: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return gate;
}

/** PostgreSQL's TLS in front of a server that is reached in clear: « S » to who asks for it. */
export async function openTlsFront(port: number, { key, cert }: { key: string; cert: string }): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const listener = createServer((raw) => {
    sockets.add(raw.on('error', () => undefined));
    raw.once('data', () => {
      raw.write('S');
      const secure = new TLSSocket(raw, { isServer: true, key, cert }).on('error', () => raw.destroy());
      const inner = connect(port, '127.0.0.1').on('error', () => raw.destroy());
      raw.on('close', () => inner.destroy());
      secure.pipe(inner).pipe(secure);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    stop() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
