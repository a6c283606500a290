import { expect, test } from 'vitest';
import { aliasOf, roomName } from '../../../../appservice/matrix/names.ts';
import { type Address, deskAddress, organisationOf, readAddress } from '../../../../appservice/store/rooms.ts';

test.each([
  [
    'desk:ville-claire:claire.morel',
    { kind: 'desk', organisation: 'ville-claire', localpart: 'claire.morel' },
    'desk_ville-claire_claire.morel',
    'Bureau – Ville-Claire',
  ],
  [
    'organisation:ville-claire',
    { kind: 'organisation', organisation: 'ville-claire' },
    'desk__organisation_ville-claire',
    'Informations – Ville-Claire',
  ],
  ['admin:ville-claire', { kind: 'admin', organisation: 'ville-claire' }, 'desk__admin_ville-claire', 'Administration – Ville-Claire'],
  ['platform', { kind: 'platform' }, 'desk__platform', 'Administration de la plateforme'],
] satisfies [string, Address, string, string][])('the address %s has one alias and one name', (text, address, alias, name) => {
  expect(readAddress(text)).toEqual(address);
  expect(aliasOf(address)).toBe(alias);
  expect(roomName(address, 'Ville-Claire')).toBe(name);
});

test.each(['', 'desk', 'desk:', 'desk:ville-claire', 'organisation:', 'organisation:a:b', 'room:a'])('%j is no address', (text) => {
  expect(readAddress(text)).toBeUndefined();
});

test('an address names its organisation', () => {
  expect(organisationOf(deskAddress('rivebelle', 'bruno.leroy'))).toBe('rivebelle');
  expect(organisationOf('platform')).toBeNull();
});
