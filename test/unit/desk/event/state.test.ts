import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bannerState,
  connectionState,
  deskStateContent,
  EVENT,
  type MatrixEvent,
  readBanner,
  readConnection,
  readDesk,
  readTool,
  toolStateEvent,
} from '#desk/event.ts';
import { toolState } from '#desk/indicator.ts';
import { NO_TRIAGE } from '#desk/triage.ts';
import { eventOf } from '../arbitrary.ts';

const DESK_BOT = '@ecritoire_desk:desk.localhost';
const now = Date.parse('2026-11-22T10:00:00Z');

function state({ type, stateKey, content }: { type: string; stateKey: string; content: Record<string, unknown> }): MatrixEvent {
  return eventOf({ type, state_key: stateKey, content, sender: DESK_BOT });
}

describe('the desk state', () => {
  const content = deskStateContent({ agent: '@claire.morel:desk.localhost', organisation: 'ville-claire' });

  it('says whose desk it is', () => {
    expect(content).toEqual({ v: 1, agent: '@claire.morel:desk.localhost', organisation: 'ville-claire' });
    expect(readDesk(state({ type: EVENT.desk, stateKey: '', content }))).toEqual({
      agent: '@claire.morel:desk.localhost',
      organisation: 'ville-claire',
      sender: DESK_BOT,
    });
  });

  it('is nothing under another key, of nobody, or of two', () => {
    expect(readDesk(state({ type: EVENT.desk, stateKey: 'x', content }))).toBeUndefined();
    expect(readDesk(state({ type: EVENT.desk, stateKey: '', content: { v: 1, organisation: 'ville-claire' } }))).toBeUndefined();
    expect(readDesk(state({ type: EVENT.desk, stateKey: '', content: { ...content, service: 'accueil' } }))).toBeUndefined();
    expect(readDesk(eventOf({ type: EVENT.desk, content }))).toBeUndefined();
  });
});

it('reads an indicator back as it was written', () => {
  const row = { eventId: '$a', state: 'todo', revision: 1, severity: 'urgent', dueAt: '2026-11-27', triage: NO_TRIAGE } as const;
  const numbers = toolState([row], { bot: 'gta', label: 'Congés', url: 'https://gta.example', now, timeZone: 'Europe/Paris' });
  expect(readTool(state(toolStateEvent(numbers, 'gta-2')))).toEqual({ ...numbers, connection: 'gta-2', sender: DESK_BOT });
});

it('reads the health of a connection back as it was written', () => {
  const health = {
    connection: 'gta',
    bot: 'gta',
    label: 'Congés',
    word: 'connected',
    since: now,
    lastSuccess: now + 1,
    expectEvery: 3600,
  } as const;
  expect(readConnection(state(connectionState(health)))).toEqual({ ...health, sender: DESK_BOT });
  const bare = { connection: 'gta', bot: 'gta', label: 'Congés', word: 'bad_credentials', since: now } as const;
  expect(readConnection(state(connectionState(bare)))).toStrictEqual({ ...bare, sender: DESK_BOT });
});

describe('an announcement', () => {
  it('reads back as it was written', () => {
    const banner = { id: 'travaux', text: 'Coupure à 18 h', level: 'warning', from: now, until: now + 1000 } as const;
    expect(readBanner(state(bannerState(banner)))).toEqual({ ...banner, sender: DESK_BOT });
  });

  it('is nothing once it was taken back', () => {
    expect(readBanner(state({ type: EVENT.banner, stateKey: 'travaux', content: {} }))).toBeUndefined();
  });
});

it('never throws, whatever the content', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (content) => {
      for (const type of Object.values(EVENT))
        expect([readDesk, readTool, readConnection, readBanner].map((read) => read(state({ type, stateKey: 'k', content })))).toEqual([
          undefined,
          undefined,
          undefined,
          undefined,
        ]);
    }),
  );
});
