/** The configuration for SvelteKit's side of the web: the file named in `ECRITOIRE_CONFIG`, which `web/server.ts` sets. */
import { loadConfig, type LoadedConfig } from '../../../../config/load.ts';

let loading: Promise<LoadedConfig> | undefined;

/** Read once. Server only: it holds secrets, so no load function returns it as a whole. */
export function settings(): Promise<LoadedConfig> {
  loading ??= loadConfig(process.env.ECRITOIRE_CONFIG ?? '.local/ecritoire.yaml');
  return loading;
}
