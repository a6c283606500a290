/** A folder into which a tool drops its list: written beside, then renamed. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningTwin, Twin, TwinOptions } from '../twin.ts';
import { controlsOf, DECLARED, Export } from './twin-export.ts';
import { twin as webdav } from './twin-webdav.ts';

function start({ folder }: TwinOptions = {}): Promise<RunningTwin> {
  const place = folder ?? mkdtempSync(join(tmpdir(), 'depot-'));
  const tool = new Export((text) => {
    writeFileSync(join(place, 'demandes.csv.part'), text);
    renameSync(join(place, 'demandes.csv.part'), join(place, 'demandes.csv'));
  });
  // What an earlier run dropped there stands until something is told.
  if (folder === undefined) tool.write();
  return Promise.resolve({
    url: `file://${place}`,
    config: { folder: place, ...DECLARED },
    calls: [],
    ...controlsOf(tool),
    fail: () => undefined,
    revoke: () => undefined,
    stop() {
      if (folder === undefined) rmSync(place, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}

const NO_SERVER = 'un dossier de cette machine n’a ni compte ni réponses HTTP ; ses propres défauts : test/unit/bots/csv.test.ts';

export const twin: Twin = {
  start,
  skip: [
    'check: refused credentials are said as auth',
    'poll: 401 is auth',
    'poll: a log-in page with 200 is auth',
    'poll: a redirect to a log-in page is auth',
    'poll: a redirect to another host is not followed',
    'poll: 429 and 503 say when to come again',
    'poll: 500, half an answer and a server that is slow or hangs up are unavailable',
    'bad input: every object twice is each once',
    'bad input: words in another case mean the same',
    'bad input: objects without any date are there',
    'bad input: members nobody knows are passed over',
    'bad input: a byte order mark says nothing',
    'bad input: text in another encoding than was said costs letters, not objects',
    'bad input: a list that is cut short is never all there is',
    'bad input: dates of another zone, or of none, are the same days and hours in Paris',
    'bad input: a clock that is an hour off closes nothing and passes over nothing',
    'bad input: an interface of another version is said, and closes nothing',
    'bad input: a server that is gone is unavailable, for as long as it is',
    'bad input: a certificate that expired is a matter of the configuration, and nothing is sent',
    'bad input: an address of our own networks is not connected to unless it is listed',
  ].map((rule) => ({ rule, reason: NO_SERVER })),
};

/** The same list where it is reached otherwise: the suite runs there too. */
export const also: readonly { by: string; twin: Twin }[] = [{ by: 'WebDAV', twin: webdav }];
