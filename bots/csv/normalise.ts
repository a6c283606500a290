/** Rows of one object → an item, as the declaration says. */
import { z } from 'zod';
import { NBSP } from '#desk/words/typography.ts';
import { type At, type Normalised, NOTHING, type Payload, reject } from '../bot.ts';
import { readRows } from '../rows.ts';
import type { Config } from './config.ts';

const File = z.object({ file: z.string().max(300) });
const Broken = File.extend({ fault: z.string().min(1).max(2000) });
const Row = z.object({ line: z.int().min(0), values: z.record(z.string(), z.string()), fault: z.string().min(1).optional() });
const Group = File.extend({ rows: z.array(Row).min(1) });

export function normalise(payload: Payload, { config, timeZone }: At<Config>): Normalised {
  if (!File.safeParse(payload).success) return NOTHING;
  const broken = Broken.safeParse(payload).data;
  if (broken !== undefined) return reject(`${broken.file}${NBSP}: ${broken.fault}`);
  const group = Group.safeParse(payload).data;
  if (group === undefined) return reject('lignes illisibles', '/rows');
  const { kind, columns } = config;
  return readRows(group.rows, { kind, columns, timeZone, where: ({ line }) => `${group.file}, ligne ${line}` });
}
