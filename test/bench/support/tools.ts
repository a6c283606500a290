/** The invented tool whose events the benches post, and the agents it addresses. */
import type { LoadedConnection } from '../../../config/load.ts';

export const ORGANISATION = 'ville-claire';
export const TIME_ZONE = 'Europe/Paris';
export const TOOL = 'gta';
/** Another tool's connection, for those who have nothing to do with a flood of the first. */
export const NEIGHBOUR = 'parapheur';
const HOST = 'gta.ville-claire.example';

export function toolConnection(secret: string): LoadedConnection {
  return {
    id: TOOL,
    bot: TOOL,
    organisation: ORGANISATION,
    label: 'Congés',
    order: 'time',
    hosts: [HOST],
    secrets: [secret],
    callback: `https://${HOST}/retour`,
    retired: false,
  };
}

export const hookPath = (connection: string): string => `/hooks/${connection}`;
export const HOOK_PATH = hookPath(TOOL);

/** Completes a connection of a configuration file to what the tool needs. */
export function declareTool(connection: Record<string, unknown>): void {
  if (connection.id !== TOOL && connection.id !== NEIGHBOUR) return;
  const { hosts, callback } = toolConnection('');
  Object.assign(connection, { hosts, callback });
}

/** Agents are `agent-0001` and on. */
export const agentName = (index: number): string => `agent-${String(index + 1).padStart(4, '0')}`;
export const agentMail = (index: number): string => `${agentName(index)}@ville-claire.example`;

type Told = { id: string; agent: number; item?: string; title?: string; at: number; since?: number };

/**
 * An event as a leave tool would post it: 800 bytes, one addressee, two actions. `id` makes delivery and, by default, object; `at`
 * (ms) when it happened, `since` when the object was made, seven days before it is due.
 */
export function toolEvent({ id, agent, item = id, title, at, since = at }: Told) {
  return {
    specversion: '1.0',
    id,
    source: 'urn:ville:gta',
    type: 'fr.collectivite.gta.absence',
    time: new Date(at).toISOString(),
    data: {
      op: 'upsert',
      to: [{ mail: agentMail(agent), reason: 'valideur' }],
      item: {
        key: `demande/${item}`,
        title: title ?? `Demande de congé ${item} à valider`,
        kind: 'absence',
        severity: 'normal',
        dueAt: new Date(since + 7 * 86_400_000).toISOString(),
        people: [{ name: 'Paul Vidal', role: 'by' }],
        url: `https://${HOST}/demande/${item}`,
        actions: [
          { id: 'valider', label: 'Valider', risk: 'amber' },
          { id: 'refuser', label: 'Refuser', risk: 'amber', input: { motif: { type: 'string', maxLength: 200 } } },
        ],
      },
    },
  };
}
