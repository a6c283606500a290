/** The true sender, but each try is another transaction to the homeserver. */
import { randomUUID } from 'node:crypto';
import { makeMatrix as makeTrueMatrix, type Matrix } from '../../../appservice/matrix/index.ts';

export function makeMatrix(options: Parameters<typeof makeTrueMatrix>[0]): Matrix {
  const matrix = makeTrueMatrix(options);
  return { ...matrix, send: (sending) => matrix.send({ ...sending, id: randomUUID() }) };
}
