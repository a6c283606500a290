import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../bots/premis.ts';

const OWN = { id: 'd1', name: 'Bureau du maire & co' };
const event = ({ task = '', type = 'VISA', date = '', user = '', desk = '' }: Record<string, string>, kind = 'taskId') =>
  `<event><eventIdentifier><eventIdentifierType>${kind}</eventIdentifierType><eventIdentifierValue>${task}</eventIdentifierValue></eventIdentifier>
   <eventType>${type}</eventType><eventDateTime>${date}</eventDateTime>
   <linkingAgentIdentifier><linkingAgentIdentifierValue>${user}</linkingAgentIdentifierValue><linkingAgentRole>${desk}</linkingAgentRole></linkingAgentIdentifier></event>`;
const DONE = event({ task: 't0', type: 'START', date: '2025-01-31T11:19:32.725+0100', user: 'u0', desk: 'Voirie' });
const WAITING = { task: 't1', desk: 'Bureau du maire &amp; co' };
const read = (...events: string[]) => stepsOf(`<?xml version="1.0"?><premis>${events.join('\n')}</premis>`, OWN);

describe('the steps in a PREMIS summary', () => {
  it('are done, waiting or to come by what is filled in', () => {
    expect(read(DONE, event(WAITING), event({ type: 'ARCHIVE' }))).toEqual([
      { id: 't0', action: 'START', state: 'VALIDATED', desks: [{ name: 'Voirie' }] },
      { id: 't1', action: 'VISA', state: 'PENDING', desks: [{ id: 'd1', name: 'Bureau du maire & co' }] },
      { id: '', action: 'ARCHIVE', state: 'UPCOMING', desks: [] },
    ]);
  });

  it('are found with a prefix, without agents, and with nodes that nobody knows yet', () => {
    const bare =
      '<p:event new="1"><p:eventIdentifierValue> t1 </p:eventIdentifierValue><p:other/><p:eventType>SEAL</p:eventType></p:event>';
    expect(read(`<!-- ${DONE} -->`, bare)).toEqual([{ id: 't1', action: 'SEAL', state: 'PENDING', desks: [] }]);
    expect(read(event(WAITING, 'procedureId'))).toMatchObject([{ id: '', state: 'PENDING' }]);
  });

  it('that wait side by side can be told apart by their desks alone: nobody acts on another’s', () => {
    const other = { task: 't2', desk: 'DGS' };
    expect(read(event(other), event(WAITING)).map(({ id }) => id)).toEqual(['', 't1']);
    expect(read(event({ task: 't1' }), event({ task: 't2' })).map(({ id }) => id)).toEqual(['', '']);
  });

  it('are none in whatever else', () => {
    for (const odd of ['', '<premis/>', '<event>'.repeat(50_000), '<html><body>event</body></html>']) expect(stepsOf(odd, OWN)).toEqual([]);
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(stepsOf(`${DONE}${text}`, OWN))));
  });

  it('are found with CDATA, entities and comments inside, and with any prefix that is bound', () => {
    const waiting = { task: '<!-- x -->t<![CDATA[1]]>', desk: '<![CDATA[Bureau du maire & co]]>' };
    const step = { id: 't1', action: 'VISA', state: 'PENDING', desks: [OWN] };
    expect(read(DONE, event(waiting))[1]).toEqual(step);
    expect(read(event({ task: '&#116;&#x31;', desk: 'Bureau&#x20;du maire &#38; co' }))).toEqual([step]);
    const prefixed = event(WAITING).replaceAll(/<(\/?)(?=\w)/g, '<$1premis:');
    expect(stepsOf(`<premis:premis xmlns:premis="http://www.loc.gov/premis/v3">${prefixed}</premis:premis>`, OWN)).toEqual([step]);
  });

  it('are none in half a summary, whose missing ones would look done, and none where a DTD or an entity is', () => {
    const whole = `<?xml version="1.0"?><premis>${DONE}${event(WAITING)}</premis>`;
    expect(stepsOf(whole, OWN).length).toBe(2);
    for (let length = 0; length < whole.length; length += 1) expect(stepsOf(whole.slice(0, length), OWN)).toEqual([]);
    expect(read(DONE, event({ task: 't1', desk: 'Bureau&nbsp;du maire' }))).toEqual([]);
    const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    expect(stepsOf(`<!DOCTYPE premis [<!ENTITY l0 "ha">${laughs}]><premis>${event({ task: '&l9;' })}</premis>`, OWN)).toEqual([]);
  });
});
