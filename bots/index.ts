/** Every bot, one line each; `npm run new-bot -- <id>` adds it. */
export { csv } from './csv/index.ts';
export { ics } from './ics/index.ts';
export { iparapheur } from './iparapheur/index.ts';
export { mail } from './mail/index.ts';
export { nextcloud } from './nextcloud/index.ts';
export { sql } from './sql/index.ts';
