/** Where the deep links of the trial lead: a page that says which tool would have opened here. */
import { createServer, type Server } from 'node:http';
import { TOOLS } from '../people.ts';
import { escape } from '../issuer/pages.ts';
import { typeset } from '../trial/progress.mjs';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};

export function toolPages(): Server {
  return createServer((request, response) => {
    const path = readPath(request.url ?? '/');
    const tool = TOOLS.find(({ id }) => path.split('/')[1] === id);
    response.writeHead(path === '/' || tool !== undefined ? 200 : 404, HEADERS);
    response.end(
      tool === undefined
        ? page('La mairie d’essai', 'Les outils imaginaires qui alimentent les bureaux.')
        : page(tool.label, `Ici s’ouvrirait ${tool.label}, sur ${path.split('/').slice(3).join('/') || 'son accueil'}.`),
    );
  });
}

/** A path that cannot be decoded is shown as it came. */
function readPath(url: string): string {
  try {
    return decodeURIComponent(url.split('?')[0] ?? '/');
  } catch {
    return url;
  }
}

function page(title: string, text: string): string {
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>${escape(title)} (essai)</title><style>html{color-scheme:light dark;font:1rem/1.5 system-ui;padding:2rem}</style></head>
<body><main><h1>${escape(title)}</h1><p>${escape(text)}</p><p>${typeset('Outil imaginaire : rien n’est enregistré.')} Fermez cet onglet pour revenir au bureau.</p></main></body></html>`;
}
