import { pathToFileURL } from 'node:url';
import { defineBot } from '../bot.ts';
import { actions } from './actions.ts';
import { listDrop, payloadsOf, readDrop } from './client.ts';
import { Config } from './config.ts';
import { manifest } from './manifest.ts';
import { normalise } from './normalise.ts';

export const csv = defineBot<Config>({
  manifest,
  config: Config,
  origins: ({ folder, sftp, webdav }) => [
    webdav?.baseUrl ?? (sftp === undefined ? pathToFileURL(folder ?? '/').href : `sftp://${sftp.host}${encodeURI(sftp.path)}`),
  ],
  check: (ctx) => listDrop(ctx).then(() => undefined),
  poll: readDrop,
  watch: ({ io }, on) => Promise.resolve(io.watchFolder(on)),
  readFile: ({ name, bytes }, config) => [...payloadsOf(name, bytes, config).payloads.values()],
  normalise,
  actions,
});
