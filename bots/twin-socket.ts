/** The server's side of a WebSocket (RFC 6455), as much of it as a twin needs: short texts, each way. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface TwinSocket {
  say(text: string): void;
  end(): void;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE] = [0x1, 0x8];

/** Accepts an upgrade; `onText` gets each text, `onEnd` is called once. */
export function acceptSocket(
  request: IncomingMessage,
  stream: Duplex,
  { onText, onEnd }: { onText: (text: string) => void; onEnd: () => void },
): TwinSocket {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  stream.write(`${head.join('\r\n')}\r\n\r\n`);
  let rest = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.kind === TEXT) onText(frame.text);
      if (frame.kind === CLOSE) stream.end();
    }
  });
  stream.on('error', () => undefined);
  stream.on('close', onEnd);
  return { say: (text) => void stream.write(frameOf(text)), end: () => void stream.destroy() };
}

/** A frame shorter than 126 bytes, masked as every client's is. */
function readFrame(bytes: Buffer): { kind: number; text: string; length: number } | undefined {
  const [first = 0, second = 0] = bytes;
  const size = second & 0x7f;
  if (bytes.length < 6 + size) return undefined;
  const mask = bytes.subarray(2, 6);
  const text = Buffer.from(bytes.subarray(6, 6 + size).map((byte, at) => byte ^ (mask[at % 4] ?? 0))).toString();
  return { kind: first & 0x0f, text, length: 6 + size };
}

function frameOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x80 | TEXT, bytes.length]), bytes]);
}
