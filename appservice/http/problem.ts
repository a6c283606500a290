/** Errors of the internal listener as RFC 9457 problem documents: a DeskError's code and status, nothing of its cause. */
import type { ErrorRequestHandler } from 'express';
import { DeskError } from '#desk/errors.ts';

export function sayProblem(log: { error: (fields: object, text: string) => void }): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = error instanceof DeskError ? error : new DeskError('bug', 'Unexpected', { cause: error });
    const { status } = known.fate;
    if (status >= 500) log.error({ err: error, method: request.method, path: request.path }, 'an internal call failed');
    if (known.retryAfterMs !== undefined) response.setHeader('retry-after', Math.ceil(known.retryAfterMs / 1000));
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ title: known.message, status, code: known.code }));
  };
}
