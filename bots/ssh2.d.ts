/** As much of ssh2 as `io-sftp.ts` uses: the published types bring those of another Node with them. */
declare module 'ssh2' {
  import type { Buffer } from 'node:buffer';
  import type { Readable } from 'node:stream';

  export type Attributes = { mode: number; size: number; mtime: number };
  export interface SFTPWrapper {
    readdir(
      path: string,
      done: (error: Error | undefined, list: readonly { filename: string; attrs: Attributes }[] | undefined) => void,
    ): void;
    lstat(path: string, done: (error: Error | undefined, attributes: Attributes | undefined) => void): void;
    createReadStream(path: string): Readable;
  }
  export type ConnectConfig = {
    host: string;
    port: number;
    username: string;
    privateKey: string;
    readyTimeout: number;
    keepaliveInterval: number;
    keepaliveCountMax: number;
    hostVerifier: (key: Buffer) => boolean;
  };
  export class Client {
    on(event: 'ready' | 'close', listener: () => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    connect(config: ConnectConfig): void;
    sftp(done: (error: Error | undefined, sftp: SFTPWrapper | undefined) => void): void;
    end(): void;
  }
}
