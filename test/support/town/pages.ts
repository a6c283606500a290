/** Where the deep links of the trial lead: a page that says which tool would have opened here. */
import { TOOLS } from '../people.ts';
import { escape } from '../issuer/pages.ts';
import { typeset } from '../trial/progress.mjs';
import { TWINS } from './twins.ts';

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

export type Page = { status: number; html: string };

/** Of a tool that has no pages of its own, under the town's own address. */
export function townPage(path: string): Page {
  const tool = [...TOOLS, ...TWINS].find(({ id }) => id === path.split('/')[1]);
  if (tool !== undefined) return { status: 200, html: toolPage(tool, path.split('/').slice(2).join('/')) };
  return { status: path === '/' ? 200 : 404, html: page('La mairie d’essai', 'Les outils imaginaires qui alimentent les bureaux.') };
}

export function toolPage({ label }: { label: string }, path: string): string {
  return page(label, `Ici s’ouvrirait ${label}, sur ${readPath(path).split('/').slice(1).join('/') || 'son accueil'}.`);
}

/** A path that cannot be decoded is shown as it came. */
function readPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function page(title: string, text: string): string {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>${escape(title)} (essai)</title><style>html{color-scheme:light dark;font:1rem/1.5 system-ui;padding:2rem}</style></head>
<body><main><h1>${escape(title)}</h1><p>${escape(text)}</p><p>${typeset('Outil imaginaire : rien n’est enregistré.')} Fermez cet onglet pour revenir au bureau.</p></main></body></html>`;
}
