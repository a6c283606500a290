/** The few pages drawn without SvelteKit: text alone, no script, no style, in French. */

function page({
  title,
  body,
  status,
  headers,
}: {
  title: string;
  body: string;
  status: number;
  headers: Record<string, string>;
}): Response {
  const html = `<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title} – Écritoire</title></head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  const policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";
  const always = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'cache-control': 'no-store' };
  return new Response(html, { status, headers: { ...always, ...headers } });
}

/** Signing in cannot be had now: the appservice or the identity provider is down. */
export function unavailablePage({ what }: { what: 'desk' | 'provider' }): Response {
  const cause = what === 'desk' ? 'Le bureau ne répond pas pour l’instant.' : 'Le service d’identification ne répond pas pour l’instant.';
  const body = `<p>${cause} Vous n’y êtes pour rien, et rien n’est perdu\u00a0: ce que vos outils envoient vous attend.</p>
<p><a href="/connexion">Réessayer de se connecter</a></p>
<p>Si cela dure plus de quelques minutes, prévenez votre service informatique (erreur\u00a0503).</p>`;
  return page({ title: 'Connexion impossible pour l’instant', body, status: 503, headers: { 'retry-after': '15' } });
}

/**
 * Leads on to another site after a form was sent. A plain redirect would be part of the form's submission, which
 * `form-action 'self'` forbids to leave us; this is a new navigation, and works without script.
 */
export function onwardPage(there: URL): Response {
  const href = there.href.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
  const body = `<p>Vous quittez le bureau. <a href="${href}">Terminer la déconnexion</a></p>`;
  return page({ title: 'Déconnexion', body, status: 200, headers: { refresh: `0; url=${there.href}` } });
}
