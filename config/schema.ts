/**
 * The configuration: one YAML file, this one schema. The commented example and the JSON Schema for editors are
 * generated from it (`npm run generate`), so every `.describe()` is what an operator reads, in French. What one key
 * alone cannot tell (an organisation that does not exist, a key of the wrong length) is in `check.ts` and `secrets.ts`.
 */
import { z } from 'zod';

/** Where a secret is: never its value. Files are relative to the configuration file's folder, mode 0600. */
export const Secret = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Z][A-Z0-9_]*$/, 'attendu : un nom de variable en capitales')
          .describe('Nom de la variable d’environnement'),
      }),
      z.strictObject({ file: z.string().min(1).max(4096).describe('Chemin du fichier, relatif à ce fichier de configuration, mode 0600') }),
    ],
    { error: 'attendu : « env: NOM_DE_VARIABLE » ou « file: chemin » (un secret ne s’écrit pas ici)' },
  )
  .meta({ secret: true });
export type Secret = z.infer<typeof Secret>;

export const Slug = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*$/, 'attendu : minuscules, chiffres et tirets, une lettre d’abord');

const Url = z.url({ protocol: /^https?$/, error: 'attendu : une adresse http:// ou https://' }).max(500);
const Mail = z.email({ error: 'attendu : une adresse de messagerie' }).max(200);
const Port = z.int().min(1).max(65535);
const Listen = z.strictObject({
  host: z.string().min(1).max(255).default('127.0.0.1').describe('Adresse d’écoute'),
  port: Port.describe('Port d’écoute'),
});

const Organisation = z.strictObject({
  id: Slug.describe('Identifiant court, définitif (il est dans les adresses des salons)'),
  name: z.string().min(1).max(100).describe('Nom montré aux agents'),
  siret: z
    .string({ error: 'attendu : 14 chiffres entre guillemets' })
    .regex(/^\d{14}$/, 'attendu : 14 chiffres')
    .optional()
    .describe('SIRET, entre guillemets : relie les identités ProConnect à cette organisation'),
  timeZone: z.string().max(64).default('Europe/Paris').describe('Fuseau horaire (outre-mer compris)'),
  admins: z.array(Mail).max(50).default([]).describe('Adresses des personnes invitées au salon d’administration'),
});

const Provider = z.strictObject({
  id: Slug.describe('Identifiant court, dans l’adresse de retour /auth/callback/<id>'),
  kind: z.enum(['proconnect', 'franceconnect', 'llng', 'generic']).default('generic').describe('Profil du fournisseur d’identité'),
  label: z.string().min(1).max(60).describe('Texte du bouton de connexion'),
  issuer: Url.describe('Émetteur OIDC (issuer), tel que le fournisseur l’annonce, barre finale comprise'),
  clientId: z.string().min(1).max(200).describe('Identifiant client'),
  clientSecret: Secret.describe('Secret client'),
  scopes: z.array(z.string().min(1).max(60)).max(20).optional().describe('Portées demandées, à défaut de celles de son profil'),
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
  hosts: z
    .array(
      z
        .string()
        .max(255)
        .regex(
          /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/,
          'attendu : un hôte en minuscules, avec son port s’il y a lieu, sans https://',
        ),
    )
    .max(20)
    .default([])
    .describe('Hôtes (et port) vers lesquels les liens sont permis'),
  secrets: z
    .array(Secret)
    .max(2)
    .default([])
    .describe(
      'Secrets de signature (whsec_… pour les dépôts signés), l’actuel d’abord ; deux pendant une rotation. Un fichier peut en porter un par ligne',
    ),
  settings: z
    .record(z.string().max(60), z.unknown())
    .optional()
    .describe('Réglages du robot, quand c’est lui qui lit l’outil (bots/<robot>/config.ts) ; un secret y est « env: » ou « file: »'),
  every: z.int().min(5).max(86_400).optional().describe('Secondes entre deux lectures de l’outil, si ce n’est pas l’usage du robot'),
  callback: Url.optional().describe('Adresse qui reçoit les actions des agents'),
  expectEvery: z.int().min(60).max(31_536_000).optional().describe('Secondes sans nouvelle au-delà desquelles l’indicateur le dit'),
  retired: z.boolean().default(false).describe('Connexion retirée : répond 410'),
});

const KnownPerson = z.strictObject({
  name: z.string().min(1).max(100).describe('Nom affiché'),
  mail: Mail.describe('Adresse de messagerie professionnelle'),
  uid: z.string().min(1).max(100).optional().describe('Identifiant de connexion dans l’annuaire'),
  matricule: z.string().min(1).max(100).optional().describe('Matricule, entre guillemets'),
  groups: z.array(z.string().min(1).max(100)).max(200).default([]).describe('Groupes de l’annuaire'),
  organisations: z.array(Slug).min(1).max(20).describe('Organisations où cette personne travaille'),
});

const Appservice = z.strictObject({
  listen: Listen.describe('Écoute publique : transactions du serveur Matrix et dépôts /hooks'),
  url: Url.describe('Adresse publique du service applicatif : le serveur Matrix et les outils l’appellent là'),
  internal: Listen.describe('Écoute interne (boucle locale) : appels du web, santé, mesures'),
  asToken: Secret.describe('as_token de l’enregistrement'),
  hsToken: Secret.describe('hs_token de l’enregistrement'),
  internalToken: Secret.describe('Jeton des appels internes du web'),
  recordKey: Secret.describe('Clé (32 octets, base64) qui scelle ce qui est gardé de côté'),
  accountKeys: Secret.optional().describe(
    'Clés (32 octets, base64) qui scellent les comptes des agents dans les outils : l’actuelle, puis les précédentes, séparées par des espaces ou des lignes ; sinon recordKey. Pour en changer : « npm run desk -- resceller »',
  ),
});

const Smtp = z.strictObject({
  host: z.string().min(1).max(255).describe('Serveur d’envoi (SMTP) du site'),
  port: Port.default(587).describe('Son port'),
  tls: z
    .enum(['starttls', 'tls', 'none'])
    .default('starttls')
    .describe('Chiffrement : exigé après la connexion (port 587), dès la connexion (465), ou aucun, sur cette machine seulement'),
  user: z.string().min(1).max(200).optional().describe('Identifiant, si le serveur en demande un'),
  password: Secret.optional().describe('Son mot de passe'),
  from: Mail.describe('Adresse de l’expéditeur'),
});

const Web = z.strictObject({
  listen: Listen.describe('Écoute du bureau, derrière le mandataire TLS du site'),
  internalUrl: Url.describe('Adresse interne du service applicatif, vue du web'),
  license: Url.optional().describe('Adresse du code source, dans le pied de page'),
  accessibilityContact: Mail.optional().describe('Adresse pour signaler un défaut d’accessibilité'),
  dataContact: Mail.optional().describe('Adresse du délégué à la protection des données'),
  funders: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100).describe('Nom du financeur'),
        image: z.string().min(1).max(500).describe('Fichier de l’image, relatif à ce fichier de configuration'),
        url: Url.optional().describe('Adresse du financeur'),
      }),
    )
    .max(6)
    .default([])
    .describe('Financeurs montrés au pied de page'),
});

export const Config = z.strictObject({
  serverName: z
    .string()
    .max(230)
    .regex(/^[a-z0-9.-]+(?::\d{1,5})?$/, 'attendu : un nom de serveur, sans https://')
    .describe('Nom Matrix du serveur ; ne change plus après le premier démarrage'),
  publicUrl: Url.describe('Adresse du bureau dans les navigateurs'),
  organisations: z.array(Organisation).min(1).max(2000).describe('Les collectivités servies'),
  admins: z.array(Mail).max(50).default([]).describe('Adresses des personnes invitées au salon d’administration de la plateforme'),
  homeserver: z
    .strictObject({
      url: Url.describe('Adresse du serveur Matrix, vue des parties d’Écritoire'),
      publicUrl: Url.optional().describe('Adresse du serveur Matrix pour les clients Matrix, si elle diffère'),
    })
    .describe('Le serveur Matrix'),
  appservice: Appservice.describe('Le service applicatif : dépôts des outils, envois vers les bureaux'),
  store: z.strictObject({ url: Secret.describe('Adresse PostgreSQL, postgresql://… (DATABASE_URL)') }).describe('La base PostgreSQL'),
  session: z
    .strictObject({
      jwtKey: Secret.describe('Clé privée ES256 (PEM, PKCS#8) qui ouvre les sessions Matrix'),
      cookieKeys: Secret.describe('Clés des témoins de connexion (32 octets, base64), une par ligne, l’actuelle d’abord'),
      hours: z.int().min(1).max(24).default(12).describe('Durée d’une session, en heures'),
    })
    .describe('Les sessions'),
  web: Web.describe('Le serveur du bureau'),
  providers: z.array(Provider).min(1).max(10).describe('Fournisseurs d’identité, dans l’ordre des boutons'),
  sso: z
    .strictObject({
      clientSecret: Secret.describe('Secret partagé avec le serveur Matrix pour la connexion des autres clients'),
      keys: Secret.describe('Clés de signature (JWKS privé, JSON), l’actuelle d’abord'),
    })
    .describe('La connexion des autres clients Matrix (Element, téléphone) : le bureau est leur fournisseur d’identité'),
  mail: Smtp.optional().describe(
    'L’envoi de messages : le code par lequel un agent prouve, dans « Mes outils », qu’une adresse est à lui. Sans cette partie, rien n’y est proposé',
  ),
  connections: z.array(Connection).max(5000).default([]).describe('Les outils reliés'),
  people: z
    .array(KnownPerson)
    .max(20_000)
    .default([])
    .describe('Personnes connues avant leur première connexion (à défaut d’annuaire LDAP)'),
  privateNetworks: z
    .array(z.union([z.cidrv4(), z.cidrv6()], { error: 'attendu : un réseau, par exemple 10.20.0.0/16' }))
    .max(100)
    .default([])
    .describe('Réseaux privés où des outils sont joints ; tout autre outil doit avoir une adresse publique'),
  log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Niveau de journal'),
});
/** The configuration as written; `load.ts` turns its secrets into values. */
export type Config = z.infer<typeof Config>;
