/**
 * The steps of a folder as its PREMIS summary tells them: done ones have a task, an agent and a date, the one that waits has
 * its task alone, those to come have nothing. Pure and total: what else stands there is passed over.
 */

export type PremisStep = {
  id: string;
  action: string;
  state: 'VALIDATED' | 'PENDING' | 'UPCOMING';
  desks: { id?: string; name: string }[];
};

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** By its name alone a desk is known there. Of several steps that wait, one of another desk can be acted on by nobody here. */
export function stepsOf(xml: string, own: { id: string; name?: string | null | undefined }): PremisStep[] {
  const parts = xml.replace(/<!--[^]*?(-->|$)/g, '').split(/<\/(?:\w+:)?event>/);
  const events = parts.slice(0, -1).map((part) => part.split(/<(?:\w+:)?event(?:\s[^>]*)?>/).at(-1) ?? '');
  const steps = events.map((event): PremisStep => {
    const [id, desk] = [textIn(event, 'eventIdentifierValue'), textIn(event, 'linkingAgentRole')];
    const isDone = textIn(event, 'eventDateTime') !== '' || textIn(event, 'linkingAgentIdentifierValue') !== '';
    const isTask = ['', 'taskId'].includes(textIn(event, 'eventIdentifierType'));
    return {
      ...{ id: isTask ? id : '', action: textIn(event, 'eventType') },
      state: id === '' ? 'UPCOMING' : isDone ? 'VALIDATED' : 'PENDING',
      desks: desk === '' ? [] : [{ ...(desk === own.name && { id: own.id }), name: desk }],
    };
  });
  const isOnly = steps.filter(({ state }) => state === 'PENDING').length === 1;
  return steps.map((step) => (isOnly || step.desks.some(({ id }) => id === own.id) ? step : { ...step, id: '' }));
}

function textIn(event: string, name: string): string {
  const text = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(event)?.[1] ?? '';
  return text.replace(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole).trim();
}
