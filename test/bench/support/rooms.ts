/** What stands in the rooms after a burst, read from the homeserver and compared with what was posted. */
import { z } from 'zod';
import { splitKey } from '../../../appservice/desk/item.ts';
import { Placement } from '../../../appservice/desk/placement.ts';
import type { BenchBed, Said } from './bed.ts';
import { agentName } from './tools.ts';

const Event = z.object({
  type: z.string(),
  content: z.looseObject({
    'fr.ecritoire.row': z.string().optional(),
    'fr.ecritoire.item': z.unknown().optional(),
    'm.new_content': z.looseObject({ 'fr.ecritoire.item': z.unknown().optional() }).optional(),
  }),
});
const Page = z.object({ chunk: z.array(Event), end: z.string().optional() });

export type Compared = { lost: number; doubled: number; outOfOrder: number };

type Message = { row: string; item: string; title: string; revision: number; isEdit: boolean };

/** Items of `events` (the newest of each is what has to stand) against the desk rooms of their agents. */
export async function compareRooms(bed: BenchBed, events: readonly Said[], titleOf: (said: Said) => string): Promise<Compared> {
  const found: Compared = { lost: 0, doubled: 0, outOfOrder: 0 };
  const agents = Map.groupBy(events, ({ agent }) => agent);
  const waiting = [...agents];
  const work = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [agent, said] = next;
      const messages = await readDesk(bed, `desk:ville-claire:${agentName(agent)}`);
      add(found, compareDesk(messages, said, titleOf));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return found;
}

function add(into: Compared, { lost, doubled, outOfOrder }: Compared): void {
  into.lost += lost;
  into.doubled += doubled;
  into.outOfOrder += outOfOrder;
}

function compareDesk(messages: readonly Message[], said: readonly Said[], titleOf: (said: Said) => string): Compared {
  const last = new Map(said.map((one) => [`demande/${one.item ?? one.id}`, titleOf(one)]));
  const order = new Map([...new Set(said.map((one) => `demande/${one.item ?? one.id}`))].map((item, index) => [item, index]));
  const ours = messages.filter(({ item }) => last.has(item));
  const originals = ours.filter(({ isEdit }) => !isEdit);
  const shown = new Map(ours.map(({ item, title }) => [item, title]));
  const lost = [...last].filter(([item, title]) => shown.get(item) !== title).length;
  const doubled =
    originals.length - new Set(originals.map(({ item }) => item)).size + ours.length - new Set(ours.map(({ row }) => row)).size;
  const places = originals.map(({ item }) => order.get(item) ?? -1);
  const outOfOrder = places.filter((place, index) => index > 0 && place < Math.max(...places.slice(0, index))).length;
  return { lost, doubled, outOfOrder: outOfOrder + countSteppedBack(ours) };
}

/** Edits that showed an older revision after a newer one. */
function countSteppedBack(messages: readonly Message[]): number {
  const newest = new Map<string, number>();
  let count = 0;
  for (const { item, revision } of messages) {
    if (revision < (newest.get(item) ?? 0)) count += 1;
    newest.set(item, Math.max(revision, newest.get(item) ?? 0));
  }
  return count;
}

async function readDesk(bed: BenchBed, address: string): Promise<Message[]> {
  const room = await bed.store.selectFrom('work.rooms').select('room_id').where('address', '=', address).executeTakeFirst();
  const roomId = room?.room_id;
  const messages: Message[] = [];
  if (roomId === null || roomId === undefined) return messages;
  const filter = JSON.stringify({ types: ['m.room.message'] });
  for (let from: string | undefined = ''; from !== undefined;) {
    const query = new URLSearchParams({ dir: 'f', limit: '500', filter, ...(from !== '' && { from }) });
    const answer = await fetch(
      `${bed.config.homeserver.url}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query.toString()}`,
      {
        headers: { authorization: `Bearer ${bed.config.appservice.asToken}` },
      },
    );
    const page = Page.parse(await answer.json());
    messages.push(...page.chunk.flatMap(readMessage));
    from = page.chunk.length === 0 ? undefined : page.end;
  }
  return messages;
}

function readMessage({ content }: z.infer<typeof Event>): Message[] {
  const edited = content['m.new_content'];
  const placement = Placement.safeParse(edited?.['fr.ecritoire.item'] ?? content['fr.ecritoire.item']);
  const row = content['fr.ecritoire.row'];
  if (!placement.success || row === undefined) return [];
  const { externalId } = splitKey(placement.data.key);
  return [{ row, item: externalId, title: placement.data.title, revision: placement.data.revision, isEdit: edited !== undefined }];
}
