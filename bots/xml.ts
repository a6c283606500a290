/**
 * XML as tools send it, text → elements. Pure and total: what cannot be read is a fault, and a DTD, or more than any tool
 * sends, is refused before it is followed.
 *
 * By saxes: it is strict (sax takes two roots and NUL, xmldom NUL and a bare `&`), knows namespaces and no entity but those
 * of XML itself, and tells of each element as it comes, so that depth and number are limited while it reads (parse-xml
 * overflows the stack) and a list of 10,000 files takes 0.15 s instead of one. fast-xml-parser brings six packages with it.
 * − no release for years; jsdom reads with it.
 */
import { SaxesParser } from 'saxes';

export type XmlElement = {
  /** Without its prefix. */
  name: string;
  /** The namespace it is of; '' without one, or where none are looked at. */
  space: string;
  /** What stands in itself, with CDATA and without comments. */
  text: string;
  elements: XmlElement[];
};
/** `broken`: not well-formed, as half an answer is. `refused`: of a kind that is not read here. */
export type XmlFault = 'broken' | 'refused';

const DEPTH = 64; // ten or so in what tools send
const ELEMENTS = 1_000_000; // a folder of 10,000 files has a tenth

class Unreadable extends Error {
  readonly fault: XmlFault;

  constructor(fault: XmlFault, cause?: Error) {
    super(fault, { cause });
    this.fault = fault;
  }
}

/** `isNamespaced: false` also reads what has prefixes that it never binds. */
export function readXml(text: string, { isNamespaced = true } = {}): { root: XmlElement } | { fault: XmlFault } {
  const document: XmlElement = { name: '', space: '', text: '', elements: [] };
  const open = [document];
  let count = 0;
  const parser = new SaxesParser({ xmlns: isNamespaced, position: false });
  const add = (words: string): void => {
    const at = open.at(-1);
    if (at !== undefined) at.text += words;
  };
  parser.on('error', (error) => fail('broken', error));
  parser.on('doctype', () => fail('refused'));
  parser.on('text', add);
  parser.on('cdata', add);
  parser.on('opentag', ({ name, local = name.slice(name.indexOf(':') + 1), uri = '' }) => {
    count += 1;
    if (open.length > DEPTH || count > ELEMENTS) fail('refused');
    const element: XmlElement = { name: local, space: uri, text: '', elements: [] };
    open.at(-1)?.elements.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.fault };
    throw error;
  }
  const [root] = document.elements;
  return root === undefined ? { fault: 'broken' } : { root };
}

function fail(fault: XmlFault, cause?: Error): never {
  throw new Unreadable(fault, cause);
}
