/** As much of PostgreSQL's protocol (version 3, chapter 55 of its manual) as a reader of views needs: simple and extended queries in text. */
import type { Socket } from 'node:net';

/** What a front end says. `values` come with an extended query. */
export type Asked = { text: string; values: string[] };
export type Cell = string | Buffer | null;
/** A result: columns with their types, rows; nothing for a statement that gives none. An error: SQLSTATE. */
export type Result =
  { columns: readonly { name: string; type: number }[]; rows: readonly (readonly Cell[])[] } | { state: string } | undefined;

export interface Backend {
  /** The state by which it is refused; undefined lets it in. */
  enter(user: string, database: string, password: string): string | undefined;
  /** Called when a statement was read whole, before it is answered. */
  answer(asked: Asked, send: (result: Result) => void): void;
}

const SSL_REQUEST = 80877103;

export class Wire {
  readonly #socket: Socket;
  readonly #backend: Backend;
  #bytes = Buffer.alloc(0);
  #startup: { user: string; database: string } | undefined;
  #isIn = false;
  #text = '';
  #values: string[] = [];

  constructor(socket: Socket, backend: Backend) {
    [this.#socket, this.#backend] = [socket, backend];
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      while (this.#next());
    });
  }

  /** One message, when it is there whole. */
  #next(): boolean {
    const typed = this.#startup === undefined ? 0 : 1;
    if (this.#bytes.length < typed + 4) return false;
    const length = this.#bytes.readInt32BE(typed);
    if (this.#bytes.length < typed + length) return false;
    const type = typed === 0 ? '' : String.fromCharCode(this.#bytes[0] ?? 0);
    const body = this.#bytes.subarray(typed + 4, typed + length);
    this.#bytes = this.#bytes.subarray(typed + length);
    if (typed === 0) this.#begin(body);
    else this.#message(type, body);
    return true;
  }

  #begin(body: Buffer): void {
    if (body.readInt32BE(0) === SSL_REQUEST) {
      this.#socket.write('N');
      return;
    }
    const words = body.subarray(4).toString('utf8').split('\0');
    const named = (name: string): string => words[words.indexOf(name) + 1] ?? '';
    this.#startup = { user: named('user'), database: named('database') };
    this.#socket.write(message('R', int32(3)));
  }

  #message(type: string, body: Buffer): void {
    if (type === 'X') this.#socket.end();
    else if (type === 'p') this.#enter(body.toString('utf8').replace('\0', ''));
    else if (!this.#isIn) this.#socket.destroy();
    else if (type === 'Q') this.#answer({ text: textAt(body, 0), values: [] });
    else if (type === 'P') this.#text = textAt(body, body.indexOf(0) + 1);
    else if (type === 'B') this.#values = valuesOf(body);
    else if (type === 'S') this.#answer({ text: this.#text, values: this.#values });
  }

  #enter(password: string): void {
    const { user = '', database = '' } = this.#startup ?? {};
    const state = this.#backend.enter(user, database, password);
    if (state !== undefined) {
      this.#socket.end(errorOf(state, 'FATAL'));
      return;
    }
    this.#isIn = true;
    this.#socket.write(Buffer.concat([message('R', int32(0)), ready()]));
  }

  #answer(asked: Asked): void {
    this.#backend.answer(asked, (result) => {
      if (result !== undefined && 'state' in result) this.#socket.write(Buffer.concat([errorOf(result.state, 'ERROR'), ready()]));
      else this.#socket.write(Buffer.concat([...encode(result), ready()]));
    });
  }
}

function* encode(result: Exclude<Result, { state: string }>): Generator<Buffer> {
  if (result !== undefined) {
    const { columns, rows } = result;
    const fields = columns.map(({ name, type }) =>
      Buffer.concat([cString(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)]),
    );
    yield message('T', int16(columns.length), ...fields);
    for (const row of rows) yield message('D', int16(row.length), ...row.map(cellOf));
  }
  yield message('C', cString(`SELECT ${result?.rows.length ?? 0}`));
}

function cellOf(cell: Cell): Buffer {
  if (cell === null) return int32(-1);
  const bytes = Buffer.from(cell);
  return Buffer.concat([int32(bytes.length), bytes]);
}

/** Of Bind: after two names the formats, then each value with its length. */
function valuesOf(body: Buffer): string[] {
  const names = body.indexOf(0, body.indexOf(0) + 1) + 1;
  let at = names + 2 + 2 * body.readInt16BE(names);
  const count = body.readInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = Math.max(body.readInt32BE(at), 0);
    at += 4 + length;
    return body.subarray(at - length, at).toString('utf8');
  });
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const cString = (text: string): Buffer => Buffer.from(`${text}\0`);
const textAt = (body: Buffer, from: number): string => body.subarray(from, body.indexOf(0, from)).toString('utf8');
const ready = (): Buffer => message('Z', Buffer.from('T'));

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function errorOf(state: string, severity: 'ERROR' | 'FATAL'): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${state}`, 'Mrefusé par la doublure'].map(cString);
  return message('E', ...fields, Buffer.from([0]));
}
