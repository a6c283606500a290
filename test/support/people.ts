/**
 * The fictional people, towns and tools of the trial and the tests: the only names they use. Known people stand in the
 * trial's configuration; the two newcomers exist only at the identity provider.
 */
export type Organisation = { id: string; name: string; siret: string };

export const ORGANISATIONS: readonly Organisation[] = [
  { id: 'ville-claire', name: 'Ville-Claire', siret: '21990001000011' },
  { id: 'rivebelle', name: 'Rivebelle', siret: '21990002000019' },
];

export type Person = {
  /** Login at the issuer, directory id and localpart: `prenom.nom` without accents. */
  login: string;
  givenName: string;
  familyName: string;
  mail: string;
  /** What the picker shows below the name. */
  duty: string;
  town: string;
  siret: string;
  /** Slugs of the organisations that know her from the first start; none for a newcomer. */
  organisations: readonly string[];
  groups: readonly string[];
};

export const PEOPLE: readonly Person[] = [
  person('Claire', 'Morel', { duty: 'Directrice générale des services', groups: ['direction'] }),
  person('Paul', 'Vidal', { duty: 'Responsable de la voirie', groups: ['voirie'] }),
  person('Marc', 'Roche', { duty: 'Directeur des finances, administre Écritoire', groups: ['finances', 'direction'] }),
  person('Nadia', 'Benali', {
    duty: 'Juriste mutualisée, dans les deux collectivités',
    organisations: ['ville-claire', 'rivebelle'],
    groups: ['juridique', 'marches'],
  }),
  person('Bruno', 'Leroy', { duty: 'Secrétaire général, administre Écritoire', organisations: ['rivebelle'], groups: ['direction'] }),
  person('Inès', 'Faure', { duty: 'Élue, adjointe à l’urbanisme', organisations: ['rivebelle'], groups: ['elus'] }),
  person('Léa', 'Fontaine', { duty: 'Vient d’arriver : pas encore connue du bureau', known: false }),
  person('Tom', 'Garnier', {
    duty: 'Agent d’une commune qui n’a pas de bureau',
    known: false,
    town: { id: 'ailleurs', name: 'Ailleurs', siret: '21990009000000' },
  }),
];

/** Who runs the whole platform, by login. */
export const PLATFORM_ADMIN = 'marc.roche';

export const ADMINS: Readonly<Record<string, string>> = { 'ville-claire': 'marc.roche', rivebelle: 'bruno.leroy' };

/** Everyone the directory knows before the first sign-in. */
export const KNOWN_PEOPLE = PEOPLE.filter(({ organisations }) => organisations.length > 0);

type Traits = { duty: string; organisations?: readonly string[]; groups?: readonly string[]; known?: boolean; town?: Organisation };

function person(
  givenName: string,
  familyName: string,
  { duty, organisations = ['ville-claire'], groups = [], known = true, town }: Traits,
): Person {
  const login = `${givenName}.${familyName}`.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const home = town ?? ORGANISATIONS.find(({ id }) => id === organisations[0]);
  if (home === undefined) {
    throw new RangeError(`no such organisation: ${String(organisations[0])}`);
  }
  const mail = `${login}@${home.id}.example`;
  return {
    login,
    givenName,
    familyName,
    mail,
    duty,
    town: home.name,
    siret: home.siret,
    organisations: known ? organisations : [],
    groups,
  };
}

export const fullName = ({ givenName, familyName }: Person): string => `${givenName} ${familyName}`;

/** A person by her login; throws for a login nobody has. */
export function personOf(login: string): Person {
  const found = PEOPLE.find((one) => one.login === login);
  if (found === undefined) {
    throw new RangeError(`nobody has the login ${login}`);
  }
  return found;
}

/** A tool that posts signed CloudEvents by itself. */
export type Tool = {
  id: string;
  bot: string;
  organisation: string;
  label: string;
  mark: string;
  order: 'time' | 'revision';
  secrets: 1 | 2;
  retired?: boolean;
  host: string;
  /** It is told by a callback what agents do. */
  acts?: boolean;
};

/** The connections of the trial that post: two orders by time and one by revision in one town, one with two secrets, one retired. */
export const TOOLS: readonly Tool[] = [
  tool('gta', { label: 'Congés', mark: 'Co', acts: true }),
  tool('astre', { label: 'Astre', mark: 'As', order: 'revision' }),
  tool('messagerie', { bot: 'zimbra', label: 'Messagerie', mark: 'Zi', acts: true }),
  tool('actes', { bot: 's2low', label: 'Actes', mark: 'Ac', secrets: 2 }),
  tool('courrier', { label: 'Courrier', mark: 'Cr', retired: true }),
  tool('rivebelle-actes', { bot: 's2low', label: 'Actes', mark: 'Ac', organisation: 'rivebelle', host: 'actes' }),
  tool('rivebelle-idelibre', { bot: 'idelibre', label: 'i-delibRE', mark: 'iD', organisation: 'rivebelle', host: 'idelibre' }),
];

function tool(
  id: string,
  {
    bot = id,
    organisation = 'ville-claire',
    order = 'time',
    secrets = 1,
    host = id,
    ...rest
  }: Partial<Tool> & Pick<Tool, 'label' | 'mark'>,
): Tool {
  return { id, bot, organisation, order, secrets, host: `${host}.${organisation}.example`, ...rest };
}
