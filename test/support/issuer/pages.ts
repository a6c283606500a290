/** The few pages of the embedded provider: French, readable without script, the same in light and dark. */
import { createHash } from 'node:crypto';
import { PEOPLE, fullName } from '../people.ts';
import { typeset } from '../trial/progress.mjs';

const STYLE = `
:root { color-scheme: light dark; --paper: light-dark(#f6f4ef, #13151b); --surface: light-dark(#fffefb, #1b1e26); --line: light-dark(#8d877a, #757c8d);
  --ink: light-dark(#1e2230, #ecebe6); --ink-2: light-dark(#474d5e, #bfc3cf); --accent: light-dark(#53389b, #bba6f5); --soft: light-dark(#eee9f9, #2a2340); }
* { box-sizing: border-box; margin: 0; }
html { font: 100%/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem; display: grid; gap: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; }
p { color: var(--ink-2); }
.banner { color: var(--ink); background: var(--soft); border-radius: 6px; padding: .75rem 1rem; }
ul { list-style: none; padding: 0; display: grid; gap: .5rem; }
button { font: inherit; color: inherit; text-align: start; width: 100%; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); cursor: pointer; }
button:hover { background: var(--soft); }
button strong, button span { display: block; }
button span { color: var(--ink-2); font-size: .9375rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** Presses the one button of a page that only asks what the person already asked for; without script she presses it. */
const PRESS = `document.querySelector('button').click()`;

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * `form-action` is left out on purpose: browsers apply it to every redirect after the form, and the way back leads over the
 * desk, perhaps the homeserver, to any Matrix client.
 */
export const POLICY = `default-src 'none'; img-src data:; style-src ${hash(STYLE)}; script-src ${hash(PRESS)}; frame-ancestors 'none'; base-uri 'none'`;

export const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function page(title: string, body: string): string {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Fournisseur d’identité d’essai</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><main>${typeset(body)}</main></body></html>`;
}

/** One button per person; `action` is where the choice goes. */
export function pickerPage(action: string): string {
  const buttons = PEOPLE.map(
    (one) => `<li><button name="login" value="${one.login}"><strong>${escape(fullName(one))}</strong>
<span>${escape(one.duty)} · ${escape(towns(one))}</span></button></li>`,
  );
  return page(
    'Qui êtes-vous ?',
    `<h1>Qui êtes-vous ?</h1>
<p class="banner">Fournisseur d’identité d’essai : ces personnes sont imaginaires et n’ont pas de mot de passe. Il ne fonctionne que sur cette machine.</p>
<form method="post" action="${escape(action)}"><ul>${buttons.join('')}</ul></form>
<form method="post" action="${escape(action)}/renoncer"><button>Ne pas se connecter</button></form>`,
  );
}

const towns = ({ town, organisations }: (typeof PEOPLE)[number]): string => (organisations.length > 1 ? 'Ville-Claire et Rivebelle' : town);

/** `form` is the provider's own, with its one-time value; the button belongs to it by `form=`. */
export function logoutPage(form: string): string {
  return page(
    'Se déconnecter',
    `<h1>Se déconnecter</h1><p>Vous quittez aussi le fournisseur d’identité.</p>${form}
<button form="op.logoutForm" type="submit" name="logout" value="yes">Se déconnecter</button><script>${PRESS}</script>`,
  );
}

export function signedOutPage(): string {
  return page('Vous êtes déconnecté', '<h1>Vous êtes déconnecté</h1><p>Vous pouvez fermer cette page.</p>');
}

export function errorPage(code: string): string {
  return page(
    'Connexion interrompue',
    `<h1>Connexion interrompue</h1><p>Cette demande n’est plus valable : revenez au bureau et recommencez.</p><p>Code : ${escape(code)}</p>`,
  );
}
