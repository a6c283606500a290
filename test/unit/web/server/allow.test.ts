import { describe, expect, it } from 'vitest';
import { isQueryAllowed, RULES, ruleFor } from '../../../../web/server/allow.ts';

const SELF = '@claire.morel:desk.localhost';
const me = encodeURIComponent(SELF);
const room = encodeURIComponent('!abc-DEF_123');

/** A sample of the client-server API, spec 1.16 and what Synapse has besides: all of it is refused. */
const REFUSED = [
  'GET /_matrix/client/v3/login',
  'POST /_matrix/client/v3/login',
  'POST /_matrix/client/v1/login/get_token',
  'GET /_matrix/client/v3/login/sso/redirect',
  'POST /_matrix/client/v3/register',
  'GET /_matrix/client/v3/register/available',
  'POST /_matrix/client/v3/refresh',
  'POST /_matrix/client/v3/logout',
  'POST /_matrix/client/v3/logout/all',
  'GET /_matrix/client/v3/account/whoami',
  'POST /_matrix/client/v3/account/password',
  'POST /_matrix/client/v3/account/deactivate',
  'GET /_matrix/client/v3/account/3pid',
  'POST /_matrix/client/v3/account/3pid/add',
  'GET /_matrix/client/v3/devices',
  'GET /_matrix/client/v3/devices/ABC',
  'PUT /_matrix/client/v3/devices/ABC',
  'DELETE /_matrix/client/v3/devices/ABC',
  'POST /_matrix/client/v3/delete_devices',
  'POST /_matrix/client/v3/keys/upload',
  'POST /_matrix/client/v3/keys/query',
  'POST /_matrix/client/v3/keys/claim',
  'POST /_matrix/client/v3/keys/device_signing/upload',
  'POST /_matrix/client/v3/keys/signatures/upload',
  'GET /_matrix/client/v3/keys/changes',
  'GET /_matrix/client/v3/room_keys/keys',
  'PUT /_matrix/client/v3/sendToDevice/m.x/1',
  `POST /_matrix/client/v3/user/${me}/openid/request_token`,
  'POST /_matrix/client/v3/createRoom',
  'PUT /_matrix/client/v3/directory/room/%23a%3Adesk.localhost',
  'GET /_matrix/client/v3/directory/room/%23a%3Adesk.localhost',
  'DELETE /_matrix/client/v3/directory/room/%23a%3Adesk.localhost',
  'GET /_matrix/client/v3/publicRooms',
  `PUT /_matrix/client/v3/rooms/${room}/state/m.room.power_levels/`,
  `PUT /_matrix/client/v3/rooms/${room}/state/m.room.name`,
  `POST /_matrix/client/v3/rooms/${room}/invite`,
  `POST /_matrix/client/v3/rooms/${room}/kick`,
  `POST /_matrix/client/v3/rooms/${room}/ban`,
  `POST /_matrix/client/v3/rooms/${room}/unban`,
  `POST /_matrix/client/v3/rooms/${room}/forget`,
  `POST /_matrix/client/v3/rooms/${room}/upgrade`,
  `POST /_matrix/client/v3/rooms/${room}/report/x`,
  'POST /_matrix/client/v3/knock/%21a',
  'GET /_matrix/client/v3/pushers',
  'POST /_matrix/client/v3/pushers/set',
  'PUT /_matrix/client/v3/pushrules/global/room/%21a',
  'PUT /_matrix/client/v3/profile/%40claire.morel%3Adesk.localhost/displayname',
  'GET /_matrix/client/v3/admin/whois/%40a%3Ab',
  'GET /_synapse/admin/v1/server_version',
  'GET /_synapse/admin/v2/users',
  'POST /_matrix/media/v3/upload',
  'GET /_matrix/media/v3/download/desk.localhost/abc',
  'GET /_matrix/client/v1/media/preview_url',
  'GET /_matrix/client/unstable/org.matrix.msc2965/auth_metadata',
  'GET /_matrix/federation/v1/version',
  'GET /_matrix/key/v2/server',
  'PUT /_matrix/app/v1/transactions/1',
  'PUT /_matrix/client/v3/user/%40someone.else%3Adesk.localhost/account_data/m.direct',
  'POST /_matrix/client/v3/user/%40someone.else%3Adesk.localhost/filter',
  'PUT /_matrix/client/v3/presence/%40someone.else%3Adesk.localhost/status',
  `PUT /_matrix/client/v3/rooms/${room}/typing/%40someone.else%3Adesk.localhost`,
];

/** Two readings of one path: what a careless server would decode into something that is refused, or allowed. */
const AMBIGUOUS = [
  `/_matrix/client/v3/rooms/${room}/..%2f..%2flogin/x`,
  '/_matrix/client/v3/rooms/../login',
  '/_matrix/client/v3/profile/..',
  '/_matrix/client/v3/profile/%2e%2e',
  '/_matrix/client/v3/profile/%252e%252e',
  '/_matrix/client/v3/profile/.%2E/login',
  '/_matrix/client/v3//sync',
  '/_matrix//client/v3/sync',
  '//_matrix/client/v3/sync',
  '/_matrix/client/v3/sync/',
  '/_matrix/client/v3/sync%00',
  '/_matrix/client/v3/profile/a%0d%0aHost:x',
  '/_matrix/client/v3/profile/a%5cb',
  '/_matrix/client/v3/profile/a\\b',
  '/_matrix/client/v3/profile/%ff',
  '/_matrix/client/v3/pushrules',
  '/_matrix/client/v3/SYNC',
];

const example = (path: string): string => path.replaceAll('{self}', me).replaceAll('{any}', room);

describe('the list of what is piped', () => {
  it.each(RULES)('lets $method $path through', ({ method, path }) => {
    expect(ruleFor(method, example(path), SELF)).toMatchObject({ method });
  });

  it.each(RULES)('lets $path through by its own methods alone', ({ path }) => {
    const methods = RULES.filter((rule) => rule.path === path).map((rule) => rule.method as string);
    for (const other of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'].filter(
      (method) => !methods.includes(method),
    )) {
      const found = ruleFor(other, example(path), SELF);
      expect(found && found.path === path, `${other} ${path}`).toBeFalsy();
    }
  });

  it.each(RULES)('lets nothing longer or deeper than $path through as that', ({ method, path }) => {
    for (const more of [`${example(path)}x/y/z/w`, `${example(path)}%2fx`, `x${example(path)}`, `${example(path)}?`]) {
      expect(ruleFor(method, more, SELF), more).toBeUndefined();
    }
  });

  it.each(RULES.filter((rule) => rule.path.includes('{self}')))('lets $method $path through for oneself alone', ({ method, path }) => {
    const other = path.replace('{self}', encodeURIComponent('@someone.else:desk.localhost'));
    expect(ruleFor(method, example(other), SELF)).toBeUndefined();
  });

  it.each(REFUSED)('does not have %s', (line) => {
    const [method = '', path = ''] = line.split(' ');
    expect(ruleFor(method, path, SELF)).toBeUndefined();
  });

  it.each(AMBIGUOUS)('does not have the ambiguous %s, by any method', (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      expect(ruleFor(method, path, SELF)).toBeUndefined();
    }
  });

  it('gives nobody’s own paths to someone without a session', () => {
    expect(ruleFor('POST', '/_matrix/client/v3/user/%40%3A/filter', '@:')).toBeDefined(); // refused later: there is no token to send
    expect(ruleFor('POST', `/_matrix/client/v3/user/${me}/filter`, '@:')).toBeUndefined();
  });

  it.each(['access_token=x', 'user_id=%40a%3Ab', 'timeout=0&user_id=x', 'org.matrix.msc3202.device_id=x'])(
    'does not take the query %s',
    (query) => {
      expect(isQueryAllowed(new URLSearchParams(query))).toBe(false);
    },
  );

  it('takes the queries of a sync', () => {
    expect(isQueryAllowed(new URLSearchParams('timeout=30000&since=s1&filter=0&set_presence=online'))).toBe(true);
  });
});
