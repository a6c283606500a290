import { describe, expect, it } from 'vitest';
import { type Provider, readClaims } from '../../../../appservice/directory/claims.ts';

const provider = (more: Partial<Provider> = {}): Provider => ({
  id: 'pc',
  kind: 'proconnect',
  label: 'ProConnect',
  issuer: 'https://fca.example/api/v2',
  clientId: 'desk',
  clientSecret: 'x',
  scopes: ['openid'],
  pkce: true,
  idTokenAlg: 'RS256',
  acr: [],
  ...more,
});

const claire = {
  sub: 's1',
  given_name: 'Claire',
  usual_name: 'Morel',
  email: 'Claire.Morel@Ville-Claire.example',
  uid: 'cmorel',
  siret: '21990001000011',
};

describe('claims of an identity', () => {
  it('of ProConnect make a name of given and usual name, and a mail in lower case', () => {
    expect(readClaims(provider(), claire)).toMatchObject({
      sub: 's1',
      name: 'Claire Morel',
      given: 'Claire',
      family: 'Morel',
      mail: 'claire.morel@ville-claire.example',
      uid: 'cmorel',
      siret: '21990001000011',
    });
  });

  it('of FranceConnect give neither mail nor uid to be known by', () => {
    expect(readClaims(provider({ kind: 'franceconnect' }), claire)).toMatchObject({ mail: undefined, uid: undefined });
  });

  it.each([
    [{}, undefined],
    [{ email_verified: false }, undefined],
    [{ email_verified: 'false' }, undefined],
    [{ email_verified: true }, 'claire.morel@ville-claire.example'],
    [{ email_verified: 'true' }, 'claire.morel@ville-claire.example'],
  ])('of a generic provider are believed on the mail only when it says so: %j', (more, mail) => {
    expect(readClaims(provider({ kind: 'generic' }), { ...claire, ...more }).mail).toBe(mail);
  });

  it('take the login of LemonLDAP::NG for the uid, and of nobody else', () => {
    const told = { sub: 's1', preferred_username: 'cmorel' };
    expect(readClaims(provider({ kind: 'llng' }), told).uid).toBe('cmorel');
    expect(readClaims(provider({ kind: 'generic' }), told).uid).toBeUndefined();
  });

  it('lose control and bidirectional characters of a name', () => {
    expect(readClaims(provider(), { sub: 's', name: 'Claire\u202E\u0007 Morel' }).name).toBe('Claire Morel');
  });

  it('leave out what has not its form', () => {
    expect(readClaims(provider(), { sub: 's', email: 'no mail', siret: '12', uid: 7, name: {} })).toMatchObject({
      name: 'Sans nom',
      mail: undefined,
      siret: undefined,
      uid: undefined,
    });
  });
});
