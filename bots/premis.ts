/**
 * The steps of a folder as its PREMIS summary tells them: done ones have a task, an agent and a date, the one that waits has
 * its task alone, those to come have nothing. Pure and total: what else stands there is passed over, and a summary that is
 * not whole tells no step at all, since those that are missing would look done.
 */
import { readXml, type XmlElement } from './xml.ts';

export type PremisStep = {
  id: string;
  action: string;
  state: 'VALIDATED' | 'PENDING' | 'UPCOMING';
  desks: { id?: string; name: string }[];
};

/** By its name alone a desk is known there. Of several steps that wait, one of another desk can be acted on by nobody here. */
export function stepsOf(xml: string, own: { id: string; name?: string | null | undefined }): PremisStep[] {
  const read = readXml(xml, { isNamespaced: false });
  const events = 'fault' in read ? [] : [...within(read.root, 'event')];
  const steps = events.map((event): PremisStep => {
    const [id, desk] = [textIn(event, 'eventIdentifierValue'), textIn(event, 'linkingAgentRole')];
    const isDone = textIn(event, 'eventDateTime') !== '' || textIn(event, 'linkingAgentIdentifierValue') !== '';
    const isTask = ['', 'taskId'].includes(textIn(event, 'eventIdentifierType'));
    return {
      id: isTask ? id : '',
      action: textIn(event, 'eventType'),
      state: id === '' ? 'UPCOMING' : isDone ? 'VALIDATED' : 'PENDING',
      desks: desk === '' ? [] : [{ ...(desk === own.name && { id: own.id }), name: desk }],
    };
  });
  const isOnly = steps.filter(({ state }) => state === 'PENDING').length === 1;
  return steps.map((step) => (isOnly || step.desks.some(({ id }) => id === own.id) ? step : { ...step, id: '' }));
}

/** In their order, however deep; none inside another. */
function* within(element: XmlElement, name: string): Generator<XmlElement> {
  for (const one of element.elements) {
    if (one.name === name) yield one;
    else yield* within(one, name);
  }
}

function textIn(event: XmlElement, name: string): string {
  const [first] = within(event, name);
  return first?.text.trim() ?? '';
}
