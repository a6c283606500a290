/** The sign-in page: one button per identity provider, and what went wrong the last time. */
import { redirect } from '@sveltejs/kit';
import { settings } from '#lib/server/settings.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  const failed = url.searchParams.get('erreur');
  if (locals.session && failed === null) redirect(303, '/');
  const { providers, organisations } = await settings();
  const isShared = url.searchParams.get('poste') === 'partage';
  const back = url.searchParams.get('retour');
  const query = new URLSearchParams({ ...(back !== null && { retour: back }), ...(isShared && { poste: 'partage' }) }).toString();
  return {
    failed,
    signedOut: url.searchParams.has('deconnexion'),
    isShared,
    back,
    organisation: organisations.length === 1 ? (organisations[0]?.name ?? '') : '',
    providers: providers.map(({ id, kind, label }) => ({ kind, label, href: `/auth/login/${id}${query === '' ? '' : `?${query}`}` })),
  };
};
