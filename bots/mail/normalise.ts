/** What a rule caught in a mail → an item. Its revision is when the server got it. */
import { z } from 'zod';
import { NBSP } from '#desk/words/typography.ts';
import { type At, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';
import { readDeclared } from '../declared.ts';
import type { Config } from './config.ts';

const Mail = z.object({ mail: z.string().min(1).max(300), receivedMs: z.int().min(0).max(8.64e15) });
const Fault = Mail.extend({ fault: z.string().min(1).max(500) });
const Caught = Mail.extend({ rule: z.int().min(0), key: z.string(), values: z.record(z.string(), z.string()) });

export function normalise(payload: Payload, { config, timeZone }: At<Config>): Normalised {
  const mail = Mail.safeParse(payload).data;
  if (mail === undefined) return NOTHING;
  const at = `mail ${mail.mail}${NBSP}: `;
  const fault = Fault.safeParse(payload).data;
  if (fault !== undefined) return reject(at + fault.fault);
  const caught = Caught.safeParse(payload).data;
  const rule = config.rules[caught?.rule ?? -1];
  if (caught === undefined || rule === undefined) return reject(`${at}illisible`);
  const { key, values, receivedMs } = caught;
  const read = readDeclared({ key, kind: rule.kind, values, ...(rule.ends && { state: rule.ends }) }, rule, timeZone);
  if ('faults' in read) return { items: [], rejected: read.faults.map((reason) => ({ reason: at + reason })) };
  const received = receivedMs === 0 ? {} : { revision: receivedMs, updatedAt: new Date(receivedMs).toISOString() };
  return { items: [{ ...read, ...received }], rejected: [] };
}
