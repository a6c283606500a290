/** Agents as a directory would have made them: people with a membership and a mail, all in one statement. */
import { sql } from 'kysely';
import type { Store } from '../../../appservice/store/open.ts';
import { agentMail, agentName, ORGANISATION } from './tools.ts';

/** Makes them known up to `count`; `from` are known already. */
export async function addAgents(store: Store, count: number, { from = 0 }: { from?: number } = {}): Promise<void> {
  const indexes = Array.from({ length: count - from }, (_, index) => from + index);
  const agents = indexes.map((index) => ({ localpart: agentName(index), mail: agentMail(index) }));
  const asked = sql`jsonb_to_recordset(${JSON.stringify(agents)}::jsonb) as agent(localpart text, mail text)`;
  await sql`insert into record.people (localpart, name) select localpart, localpart from ${asked}`.execute(store);
  await sql`insert into record.memberships (localpart, organisation, mail, source)
    select localpart, ${ORGANISATION}, mail, 'bench' from ${asked}`.execute(store);
}
