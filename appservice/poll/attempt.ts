/** A dry run: what one look at a tool, or a file given in its place, would bring. Nothing is accepted, kept aside or closed. */
import { hash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DeskError } from '#desk/errors.ts';
import type { Item } from '#desk/item.ts';
import type { Payload, Swept as Read } from '../../bots/bot.ts';
import type { Tool, Tools } from '../tools.ts';
import { readPayloads } from './read.ts';
import { onlyDeskErrors } from './sweep.ts';

/** `to`: by what each is addressed. `lostLink`: a link that the item had and the connection may not show. */
export type AttemptCard = { item: Item; to: { address: string; reason?: string }[]; lostLink?: string };
export type Attempt = {
  cards: AttemptCard[];
  /** Ids of what the tool says is over. */
  over: string[];
  rejected: { reason: string; pointer: string }[];
  complete: boolean;
  fault: DeskError | undefined;
};

export type AttemptParts = {
  tools: Pick<Tools, 'open'>;
  serverName: string;
  clock: () => number;
  checkDraft: (draft: unknown) => boolean;
};
/** `agent`: the localpart whose account is used, for a bot that has accounts. */
export type AttemptOf = { agent: string; file?: { name: string; bytes: Uint8Array } };

export async function attempt(parts: AttemptParts, tool: Tool, { agent, file }: AttemptOf): Promise<Attempt> {
  const found = await onlyDeskErrors(() => (file === undefined ? look(parts, tool, agent) : readGiven(tool, file, parts.clock())));
  const hers = tool.bot.account === undefined ? {} : { agent: { localpart: agent, mxid: `@${agent}:${parts.serverName}` } };
  const reading = { tool, stampMs: parts.clock(), requestId: randomUUID(), digest: sha256, checkDraft: parts.checkDraft, ...hers };
  const { deliveries, closed, rejected } = readPayloads(found.payloads, reading);
  const links = linksOf(tool, found.payloads);
  const cards = [...deliveries.values()].flatMap(({ change, key }) => {
    if (change.op !== 'upsert') return [];
    const lost = change.item.url === undefined ? links.get(externalId(key)) : undefined;
    return [{ item: change.item, to: change.to.map(addressOf), ...(lost !== undefined && { lostLink: lost }) }];
  });
  return { cards, over: [...closed.keys()].map(externalId), rejected, complete: found.complete, fault: found.fault };
}

/** What wants a second look (a file that may still be written, the rest of a backlog) gets it. */
async function look({ tools }: AttemptParts, tool: Tool, agent: string): Promise<Read> {
  const { bot } = tool;
  if (bot.poll === undefined) throw new DeskError('invalid', 'This bot reads only what its tool posts');
  const first = await bot.poll(await tools.open(tool, agent));
  if (first.againMs === undefined) return first;
  await pause(first.againMs);
  const second = await bot.poll(await tools.open(tool, agent), first.cursor);
  return { ...second, payloads: [...first.payloads, ...second.payloads] };
}

/** As the bot reads such a file; else JSON: a payload, or a list of them. */
async function readGiven({ bot, config, timeZone }: Tool, file: { name: string; bytes: Uint8Array }, now: number): Promise<Read> {
  if (bot.readFile !== undefined) return { payloads: await bot.readFile(file, config, { now, timeZone }), complete: false };
  try {
    const given: unknown = JSON.parse(Buffer.from(file.bytes).toString('utf8'));
    return { payloads: Array.isArray(given) ? given : [given], complete: false };
  } catch (cause) {
    throw new DeskError('invalid', 'The file given is not JSON', { cause });
  }
}

/** Links as the tool gave them, by its own ids. */
function linksOf({ bot, config, origins, timeZone }: Tool, payloads: readonly Payload[]): Map<string, string> {
  const links = new Map<string, string>();
  for (const payload of payloads) {
    const { items } = bot.normalise(payload, { baseUrl: origins[0] ?? '', timeZone, config });
    for (const { key, url } of items) if (url !== undefined) links.set(key, url);
  }
  return links;
}

function addressOf({ reason, ...by }: { reason?: string | undefined; kind: string; value: string }): AttemptCard['to'][number] {
  return { address: by.value, ...(reason !== undefined && { reason }) };
}

const externalId = (key: string): string => key.split(':').slice(2).join(':');
const sha256 = (text: string): string => hash('sha256', text, 'hex');
