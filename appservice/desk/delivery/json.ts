/**
 * I-JSON (RFC 7493): what JSON.parse lets through and the contract does not. Two parsers that read one text differently
 * are a way around a signature, so a member twice, a lone surrogate or a number out of range is refused wherever it stands.
 */

/** A place in a JSON text: member names and array indexes from its root. */
export type Path = readonly (string | number)[];
export type Flaw = { path: Path; detail: string };

/** `value` is undefined when the text is no JSON at all; then one flaw says so. */
export type Json = { value: unknown; flaws: Flaw[] };

const MOST_FLAWS_EACH = 20; // per element of the root: the answer names twenty in all
const DEEPEST_PATH = 40; // segments of a path that are told
const BYTE_ORDER_MARK = '\ufeff';

/** Reads a whole body. Bytes that are no UTF-8 are read as far as possible, so that sizes and numbers can be judged first. */
export function readJson(bytes: Uint8Array): Json {
  const flaws: Flaw[] = [];
  let text = decode(bytes, flaws);
  if (text.startsWith(BYTE_ORDER_MARK)) {
    flaws.push({ path: [], detail: 'marque d’ordre des octets interdite (RFC 7493)' });
    text = text.slice(1);
  }
  try {
    const value: unknown = JSON.parse(text);
    return { value, flaws: flaws.length === 0 && isPlain(bytes, value) ? [] : [...flaws, ...new Scan(text).run()] };
  } catch {
    return { value: undefined, flaws: [{ path: [], detail: 'JSON illisible' }] };
  }
}

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const PATIENT = new TextDecoder('utf-8', { ignoreBOM: true });

function decode(bytes: Uint8Array, flaws: Flaw[]): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    flaws.push({ path: [], detail: 'UTF-8 incorrect' });
    return PATIENT.decode(bytes);
  }
}

/**
 * Whether a text without escapes has no flaw, found out from what JSON.parse made of it: of a name that came twice one is gone,
 * so that there are fewer texts than quotation marks want; lone surrogates cannot be written otherwise.
 */
function isPlain(bytes: Uint8Array, value: unknown): boolean {
  if (bytes.includes(BACKSLASH)) return false;
  let marks = 0;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === QUOTATION_MARK) marks += 1;
  try {
    return countTexts(value) * 2 === marks;
  } catch (error) {
    if (error instanceof RangeError) return false; // nested deeper than the stack
    throw error;
  }
}

const BACKSLASH = 0x5c;
const QUOTATION_MARK = 0x22;

/** How many texts were written, names included; NaN when a number is out of range. */
function countTexts(value: unknown): number {
  if (typeof value === 'string') return 1;
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += countTexts(element);
    return count;
  }
  for (const name of Object.keys(value)) count += 1 + countTexts(Reflect.get(value, name));
  return count;
}

/** An object or array that is open: `names` only in an object, `at` the member or index being read. */
type Frame = { names: Set<string> | undefined; at: string | number; isNameNext: boolean };

const NUMBER = /-?\d[\d.eE+-]*/y;

/** One pass over a text that JSON.parse has accepted, hence without syntax checks and without recursion. */
class Scan {
  readonly #text: string;
  readonly #stack: Frame[] = [];
  readonly #flaws: Flaw[] = [];
  readonly #counts = new Map<string | number, number>();

  constructor(text: string) {
    this.#text = text;
  }

  run(): Flaw[] {
    let at = 0;
    while (at < this.#text.length) {
      at = this.#step(at);
    }
    return this.#flaws;
  }

  /** Reads the token at `at`, answers where the next one may begin. */
  #step(at: number): number {
    const frame = this.#stack.at(-1);
    switch (this.#text[at]) {
      case '{':
        this.#stack.push({ names: new Set(), at: '', isNameNext: true });
        return at + 1;
      case '[':
        this.#stack.push({ names: undefined, at: 0, isNameNext: false });
        return at + 1;
      case '}':
      case ']':
        this.#stack.pop();
        return at + 1;
      case ',':
        if (frame?.names) frame.isNameNext = true;
        else if (frame) frame.at = Number(frame.at) + 1;
        return at + 1;
      case '"':
        return this.#string(at, frame);
      default:
        return this.#other(at);
    }
  }

  #string(at: number, frame: Frame | undefined): number {
    const end = endOfString(this.#text, at);
    const token = this.#text.slice(at, end);
    const isName = frame?.isNameNext === true;
    if (!isName && !token.includes('\\u')) {
      return end;
    }
    const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (frame?.names && isName) {
      frame.isNameNext = false;
      frame.at = value;
      if (frame.names.has(value)) this.#add('nom présent deux fois dans cet objet');
      frame.names.add(value);
    }
    if (!value.isWellFormed()) this.#add('demi-code Unicode isolé');
    return end;
  }

  #other(at: number): number {
    NUMBER.lastIndex = at;
    const token = NUMBER.exec(this.#text)?.[0];
    if (token === undefined) {
      return at + 1; // white space, a colon, a letter of true, false or null
    }
    if (!Number.isFinite(Number(token))) this.#add('nombre hors des limites');
    return at + token.length;
  }

  #add(detail: string): void {
    const path = this.#stack.slice(0, DEEPEST_PATH).map((frame) => frame.at);
    const root = path[0] ?? '';
    const count = (this.#counts.get(root) ?? 0) + 1;
    this.#counts.set(root, count);
    if (count <= MOST_FLAWS_EACH) this.#flaws.push({ path, detail });
  }
}

/** Just behind the closing quotation mark of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
}
