/** What « Mes outils » asks of our own server. Never throws: what went wrong is one of a closed list. */
import type { AccountFault, AccountGrant, Unlinked } from '#desk/account.ts';

export type Answered = { fault?: AccountFault; fields?: string[]; grant?: AccountGrant; unlinked?: Unlinked };

async function ask(method: 'PUT' | 'POST' | 'DELETE', connection: string, body?: object): Promise<Answered> {
  try {
    const response = await fetch(`/outils/${encodeURIComponent(connection)}`, {
      method,
      headers: { 'x-ecritoire': '1', 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answered;
  } catch {
    return { fault: 'unavailable' };
  }
}

export const linkTool = (connection: string, fields: Record<string, string>): Promise<Answered> => ask('PUT', connection, fields);
export const unlinkTool = (connection: string): Promise<Answered> => ask('DELETE', connection);
export const askTool = (connection: string, what: 'again' | 'grant' | 'stop'): Promise<Answered> => ask('POST', connection, { ask: what });
