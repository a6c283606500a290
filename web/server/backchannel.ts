/**
 * Back-channel logout: the provider says server to server that a session of its own has ended. Answered by express,
 * because SvelteKit refuses every form post that does not come from our own pages.
 */
import { type Request, type Response, Router, urlencoded } from 'express';
import type { LoadedConfig } from '../../config/load.ts';
import { callInternal, InternalError } from '../src/lib/server/internal.ts';

export function makeBackchannel(config: LoadedConfig): Router {
  const router = Router();
  router.post('/auth/backchannel/:provider', urlencoded({ extended: false, limit: '32kb' }), (request, response) =>
    endNamed(config, request, response),
  );
  return router;
}

/** OpenID Connect Back-Channel Logout 1.0 §2.8: 200 when done, 400 for a bad token, never cached. */
async function endNamed(config: LoadedConfig, request: Request, response: Response): Promise<void> {
  response.setHeader('cache-control', 'no-store');
  const { logout_token: logoutToken } = (request.body ?? {}) as { logout_token?: unknown };
  try {
    await callInternal(config, 'POST', '/sessions/backchannel', { provider: request.params.provider, logoutToken });
    response.status(200).end();
  } catch (error) {
    const isOurs = !(error instanceof InternalError) || error.status >= 500;
    response.status(isOurs ? 503 : 400).json({ error: isOurs ? 'temporarily_unavailable' : 'invalid_request' });
  }
}
