/** Which box, whose mails and what they say: a source of this kind is declared, not written. */
import { z } from 'zod';
import { secret } from '../bot.ts';
import { list, quote } from '#desk/words/typography.ts';
import { caughtBy, Declared, namesOf, pattern } from '../declared.ts';
import { KINDS } from './manifest.ts';

const sender = z
  .string()
  .regex(/^[^\s@<>,;*]*@[^\s@<>,;*]+$/, 'attendu : une adresse, ou « @domaine »')
  .max(200);

const Rule = z
  .strictObject({
    ...Declared.shape,
    from: z.array(sender).min(1).max(50).describe('Expéditeurs admis : une adresse, ou « @domaine »'),
    subject: pattern('Objet'),
    body: pattern('Texte').optional(),
    id: z.string().min(1).max(500).optional().describe('Identifiant de ce dont le mail parle, avec des {noms} ; sinon le mail lui-même'),
    values: z.record(z.string().min(1).max(60), z.string().max(200)).default({}).describe('Valeurs fixes, par leurs noms'),
    kind: z.enum(KINDS).default('mail').describe('Sorte d’objet'),
    ends: z.enum(['done', 'cancelled']).optional().describe('Ce mail dit que plus rien n’est demandé'),
  })
  .superRefine((rule, at) => {
    const known = ['objet', 'expéditeur', 'destinataires', ...Object.keys(rule.values), ...caughtBy(rule.subject, rule.body ?? '')];
    const unknown = namesOf(rule, rule.id).filter((name) => !known.includes(name));
    if (unknown.length > 0) at.addIssue(`ni le modèle ni ses valeurs ne donnent ${list(unknown.map(quote), 5)}`);
  });
export type Rule = z.infer<typeof Rule>;

export const Config = z.strictObject({
  server: z
    .string()
    .regex(/^imaps?:\/\/[^/\s@]+$/, 'attendu : imaps://serveur, ou imap://serveur:port (STARTTLS)')
    .max(300)
    .describe('Serveur de messagerie'),
  user: z.string().min(1).max(200).describe('Identifiant de la boîte'),
  password: secret('Mot de passe de la boîte'),
  mailbox: z.string().min(1).max(200).default('INBOX').describe('Dossier lu ; rien n’y est modifié'),
  authserv: z
    .string()
    .min(1)
    .max(255)
    .describe(
      'Nom par lequel votre serveur signe « Authentication-Results » ; « aucun » si personne du dehors ne peut écrire à cette boîte',
    ),
  days: z.int().min(1).max(365).default(30).describe('Âge au-delà duquel un mail n’est plus lu, en jours'),
  rules: z.array(Rule).min(1).max(50).describe('Modèles de mails ; le premier qui convient compte'),
});
export type Config = z.infer<typeof Config>;
