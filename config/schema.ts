/**
 * The configuration: one YAML file, this one schema. The commented example and the JSON Schema for editors are
 * generated from it (`npm run generate`), so every `.describe()` is what an operator reads, in French.
 */
import { z } from 'zod';

/** Where a secret is: never its value. Files are relative to the configuration file's folder, mode 0600. */
export const Secret = z
  .union([
    z.strictObject({ env: z.string().regex(/^[A-Z][A-Z0-9_]*$/).describe('Nom de la variable d’environnement') }),
    z.strictObject({ file: z.string().min(1).max(4096).describe('Chemin du fichier, relatif à ce fichier de configuration') }),
  ])
  .meta({ secret: true });
export type Secret = z.infer<typeof Secret>;

export const Slug = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*$/);

const Url = z.url({ protocol: /^https?$/ }).max(500);
const Port = z.int().min(1).max(65535);
const Listen = z.strictObject({
  host: z.string().max(255).default('127.0.0.1').describe('Adresse d’écoute'),
  port: Port.describe('Port d’écoute'),
});

const Organisation = z.strictObject({
  id: Slug.describe('Identifiant court, définitif (il est dans les adresses des salons)'),
  name: z.string().min(1).max(100).describe('Nom montré aux agents'),
  siret: z.string().regex(/^\d{14}$/).optional().describe('SIRET : relie les identités ProConnect à cette organisation'),
  timeZone: z.string().max(64).default('Europe/Paris').describe('Fuseau horaire (outre-mer compris)'),
  admins: z.array(z.email().max(200)).max(50).default([]).describe('Adresses des personnes invitées au salon d’administration'),
});

const Provider = z.strictObject({
  id: Slug.describe('Identifiant court, dans l’adresse de retour /auth/callback/<id>'),
  kind: z.enum(['proconnect', 'franceconnect', 'llng', 'generic']).default('generic').describe('Profil du fournisseur d’identité'),
  label: z.string().min(1).max(60).describe('Texte du bouton de connexion'),
  issuer: Url.describe('Émetteur OIDC (issuer), tel que le fournisseur l’annonce'),
  clientId: z.string().min(1).max(200).describe('Identifiant client'),
  clientSecret: Secret.describe('Secret client'),
  scopes: z.array(z.string().min(1).max(60)).max(20).default(['openid', 'given_name', 'usual_name', 'email', 'uid', 'siret']).describe('Portées demandées'),
  pkce: z.boolean().default(true).describe('PKCE (à couper pour FranceConnect)'),
  idTokenAlg: z.enum(['RS256', 'ES256']).default('RS256').describe('Signature de l’id_token'),
  userinfoAlg: z.enum(['RS256', 'ES256']).optional().describe('Signature de userinfo, si le fournisseur signe'),
  acr: z.array(z.string().max(60)).max(10).default([]).describe('Niveaux acceptés (vide : tous)'),
  organisation: Slug.optional().describe('Organisation fixe ; sinon celle du SIRET'),
});

const Connection = z.strictObject({
  id: Slug.describe('Identifiant court : l’adresse de dépôt est /hooks/<id>'),
  bot: Slug.describe('Robot qui écrit dans les bureaux : @ecritoire_<bot>'),
  organisation: Slug.describe('Organisation servie par cette connexion'),
  label: z.string().min(1).max(60).describe('Nom de l’outil montré aux agents'),
  mark: z.string().min(1).max(2).optional().describe('Une ou deux lettres pour la pastille'),
  url: Url.optional().describe('Adresse de l’outil (lien de l’indicateur)'),
  order: z.enum(['time', 'revision']).default('time').describe('Ordre des événements : leur date, ou une révision croissante'),
  hosts: z.array(z.string().min(1).max(255)).max(20).default([]).describe('Hôtes (et port) vers lesquels les liens sont permis'),
  secrets: z.array(Secret).min(1).max(2).describe('Secrets de signature whsec_…, l’actuel d’abord ; deux pendant une rotation. Un fichier peut en porter un par ligne'),
  callback: Url.optional().describe('Adresse qui reçoit les actions des agents'),
  expectEvery: z.int().min(60).max(31_536_000).optional().describe('Secondes sans nouvelle au-delà desquelles l’indicateur le dit'),
  retired: z.boolean().default(false).describe('Connexion retirée : répond 410'),
});

const KnownPerson = z.strictObject({
  name: z.string().min(1).max(100).describe('Nom affiché'),
  mail: z.email().max(200).describe('Adresse de messagerie professionnelle'),
  uid: z.string().min(1).max(100).optional().describe('Identifiant de connexion dans l’annuaire'),
  matricule: z.string().min(1).max(100).optional().describe('Matricule'),
  groups: z.array(z.string().min(1).max(100)).max(200).default([]).describe('Groupes de l’annuaire'),
  organisations: z.array(Slug).min(1).max(20).describe('Organisations où cette personne travaille'),
});

export const Config = z.strictObject({
  serverName: z.string().min(1).max(230).describe('Nom Matrix du serveur ; ne change plus après le premier démarrage'),
  publicUrl: Url.describe('Adresse du bureau dans les navigateurs'),
  organisations: z.array(Organisation).min(1).max(2000).describe('Les collectivités servies'),
  homeserver: z.strictObject({
    url: Url.describe('Adresse du serveur Matrix, vue des parties d’Écritoire'),
    publicUrl: Url.optional().describe('Adresse du serveur Matrix pour les clients Matrix, si elle diffère'),
  }),
  appservice: z.strictObject({
    listen: Listen.describe('Écoute publique : transactions du serveur Matrix et dépôts /hooks'),
    url: Url.describe('Adresse publique du service applicatif : le serveur Matrix et les outils l’appellent là'),
    internal: Listen.describe('Écoute interne (boucle locale) : appels du web, santé, mesures'),
    asToken: Secret.describe('as_token de l’enregistrement'),
    hsToken: Secret.describe('hs_token de l’enregistrement'),
    internalToken: Secret.describe('Jeton des appels internes du web'),
    recordKey: Secret.describe('Clé (32 octets, base64) qui scelle ce qui est gardé de côté'),
  }),
  store: z.strictObject({
    url: Secret.describe('Adresse PostgreSQL (DATABASE_URL)'),
  }),
  session: z.strictObject({
    jwtKey: Secret.describe('Clé privée ES256 (PEM, PKCS#8) qui ouvre les sessions Matrix'),
    cookieKeys: Secret.describe('Clés des témoins de connexion (32 octets, base64), une par ligne, l’actuelle d’abord'),
    hours: z.int().min(1).max(24).default(12).describe('Durée d’une session, en heures'),
  }),
  web: z.strictObject({
    listen: Listen,
    internalUrl: Url.describe('Adresse interne du service applicatif, vue du web'),
    license: Url.optional().describe('Adresse du code source, dans le pied de page'),
    accessibilityContact: z.email().max(200).optional().describe('Adresse pour signaler un défaut d’accessibilité'),
    dataContact: z.email().max(200).optional().describe('Adresse du délégué à la protection des données'),
    funders: z
      .array(z.strictObject({ name: z.string().min(1).max(100), image: z.string().min(1).max(500), url: Url.optional() }))
      .max(6)
      .default([])
      .describe('Financeurs montrés au pied de page (image : fichier relatif à ce fichier)'),
  }),
  providers: z.array(Provider).min(1).max(10).describe('Fournisseurs d’identité, dans l’ordre des boutons'),
  sso: z.strictObject({
    clientSecret: Secret.describe('Secret partagé avec le serveur Matrix pour la connexion des autres clients'),
    keys: Secret.describe('Clés de signature (JWKS privé, JSON)'),
  }),
  connections: z.array(Connection).max(5000).default([]).describe('Les outils reliés'),
  people: z.array(KnownPerson).max(20_000).default([]).describe('Personnes connues avant leur première connexion (à défaut d’annuaire LDAP)'),
  log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Niveau de journal'),
});
/** The configuration as written; {@link file://./load.ts} turns its secrets into values. */
export type Config = z.infer<typeof Config>;
