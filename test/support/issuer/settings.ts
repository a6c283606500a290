/** What the embedded identity provider is told: one JSON file, written by the starter, mode 0600. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isLoopback } from '../../../config/check.ts';
import { Sentence } from '../trial/run.mjs';

export const IssuerSettings = z.object({
  /** Its own address, as the desk's configuration names it. */
  issuer: z.url(),
  host: z.string(),
  port: z.number().int(),
  /** The desk's public address: the only place it sends anyone back to. */
  deskUrl: z.url(),
  /** The provider's id in the desk's configuration. */
  provider: z.string(),
  clientId: z.string(),
  clientSecret: z.string().min(16),
  /** A folder of its own for keys and sessions. */
  folder: z.string(),
});
export type IssuerSettings = z.infer<typeof IssuerSettings>;

/** Throws a Sentence when the file is unusable, or when anyone but this machine could reach the provider or the desk. */
export async function readSettings(file: string): Promise<IssuerSettings> {
  const settings = IssuerSettings.parse(JSON.parse(await readFile(file, 'utf8')));
  requireLoopback(settings);
  return settings;
}

/** Anyone signs in as anyone here: it must never be reachable from another machine, nor serve a desk that is. */
export function requireLoopback({ issuer, host, deskUrl }: Pick<IssuerSettings, 'issuer' | 'host' | 'deskUrl'>): void {
  const open = [issuer, deskUrl, `http://${host.includes(':') ? `[${host}]` : host}/`].find(
    (address) => !isLoopback(new URL(address).hostname),
  );
  if (open !== undefined) {
    throw new Sentence(
      `Le fournisseur d’identité d’essai laisse entrer n’importe qui sans mot de passe : il refuse de démarrer parce que ${open} n’est pas l’adresse locale de cette machine. Indiquez le fournisseur de votre site (providers) dans la configuration.`,
    );
  }
}
