/** What an identity provider says of a person, read once at the door into the words the directory decides with. */
import { z } from 'zod';
import type { LoadedConfig } from '#config/load.ts';
import { foldMail } from '#desk/mail.ts';

export type Provider = LoadedConfig['providers'][number];

/** Verified claims. `mail` and `uid` only when this provider may be believed on them; `mail` in lower case. */
export type Claims = {
  issuer: string;
  sub: string;
  /** The provider's session id, for back-channel logout. */
  sid?: string;
  name: string;
  given?: string;
  family?: string;
  mail?: string;
  uid?: string;
  siret?: string;
};

const Text = z.string().trim().min(1).max(300).optional().catch(undefined);

const Told = z.object({
  sub: z.string().min(1).max(255),
  sid: Text,
  name: Text,
  given_name: Text,
  usual_name: Text,
  family_name: Text,
  preferred_username: Text,
  email: Text,
  email_verified: z.union([z.boolean(), z.string()]).optional().catch(undefined),
  uid: Text,
  siret: z
    .string()
    .regex(/^\d{14}$/)
    .optional()
    .catch(undefined),
});

/** Control and bidirectional characters have no place in a name that others read. */
function cleanName(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 100);
}

/**
 * ProConnect and an organisation's own LemonLDAP::NG speak for the organisation, so their mail is believed (neither says
 * `email_verified`). A generic provider is believed when it says `email_verified: true`. FranceConnect's mail is what the
 * citizen typed, and never links anyone (identity provider documentation, 2026-02).
 */
function believedMail(provider: Provider, told: z.infer<typeof Told>): string | undefined {
  const mail = told.email === undefined ? undefined : foldMail(told.email);
  if (mail === undefined || !/^[^\s@]+@[^\s@]+$/.test(mail) || told.email_verified === false || provider.kind === 'franceconnect') {
    return undefined;
  }
  return provider.kind === 'generic' && told.email_verified !== true && told.email_verified !== 'true' ? undefined : mail;
}

/** LemonLDAP::NG calls the directory's login `preferred_username`; elsewhere a person may choose that herself. */
function believedUid(provider: Provider, told: z.infer<typeof Told>): string | undefined {
  if (provider.kind === 'franceconnect') {
    return undefined;
  }
  return told.uid ?? (provider.kind === 'llng' ? told.preferred_username : undefined);
}

/** Reads claims that were verified before (signature, issuer, audience, subject); what is unusable in them is left out. */
export function readClaims(provider: Provider, verified: Record<string, unknown>): Claims {
  const told = Told.parse(verified);
  const given = told.given_name && cleanName(told.given_name);
  const family = (told.usual_name ?? told.family_name) && cleanName(told.usual_name ?? told.family_name ?? '');
  const name = cleanName(told.name ?? [given, family].filter(Boolean).join(' ')) || 'Sans nom';
  return {
    issuer: provider.issuer,
    sub: told.sub,
    sid: told.sid,
    name,
    given: given || undefined,
    family: family || undefined,
    mail: believedMail(provider, told),
    uid: believedUid(provider, told),
    siret: told.siret,
  };
}
