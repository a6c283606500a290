/** Begins a sign-in: `?retour=` a path to come back to, `?poste=partage` on a shared computer. */
import { error, redirect } from '@sveltejs/kit';
import { log } from '#lib/server/log.ts';
import { begin, ProviderDown } from '#lib/server/oidc.ts';
import { keepPending, safeBack } from '#lib/server/pending.ts';
import { settings } from '#lib/server/settings.ts';
import { unavailablePage } from '#lib/server/plain-pages.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ params, url, cookies }) => {
  const config = await settings();
  const provider = config.providers.find((one) => one.id === params.provider);
  if (!provider) {
    error(404, 'Ce fournisseur d’identité n’existe pas ici.');
  }
  const back = safeBack(url.searchParams.get('retour'), config.publicUrl);
  const begun = await begin(config, provider, { back, sharedPost: url.searchParams.get('poste') === 'partage' }).catch((cause: unknown) => {
    if (cause instanceof ProviderDown) {
      log.warn({ provider: provider.id }, cause.message);
      return undefined;
    }
    throw cause;
  });
  if (begun === undefined) {
    return unavailablePage({ what: 'provider' });
  }
  await keepPending(cookies, config, begun.pending);
  redirect(303, begun.url, { external: true });
};
