/**
 * What a command is: a declaration, one file each in `commands/`. Help, what is read and what is suggested come from it;
 * the admin room and the command line run the same one.
 */
import type { LoadedConfig, LoadedConnection, LoadedSmtp } from '#config/load.ts';
import type { Accept } from '#desk/delivery.ts';
import type { Store } from '#store/open.ts';
import type { Ingest } from '../ingest.ts';
import type { Attempt } from '../poll/attempt.ts';
import type { Part } from './parts.ts';

/** What may stand after a verb. `page` may be left out (the first one). */
export type Takes = 'page' | 'number' | 'number or all' | 'command';

/** One way to use a command. A command without verbs has one form, whose verb is empty. */
export type Form = { verb: string; takes?: Takes; says: string };

type Declaration = {
  /** As it is written in help; read without accents and capitals. Two words for those of the command line that group. */
  name: string;
  aliases?: readonly string[];
  says: string;
};

/** Asked in the admin room by whoever has the role there, or on the command line. */
export type RoomCommand = Declaration & {
  role: 'admin';
  /** The first one is meant when only the name is said. */
  forms: readonly [Form, ...Form[]];
  run: (call: Call, desk: Desk) => Promise<Result>;
};

/** For whoever holds the machine: it reads or writes secrets, or the store's shape. Never in a room. */
export type OperatorCommand = Declaration & {
  role: 'operator';
  /** What may stand after its name; in the call's `about`. */
  takes?: 'connection';
  options?: readonly { name: string; takes?: string; says: string }[];
  run: (operator: Operator) => Promise<void>;
};

export type Command = RoomCommand | OperatorCommand;

/** What was said, read: `page` counts from 1. */
export type Call = { verb: string; page: number; target?: number | 'all'; about?: string };

/** `result` stands in the audit, with `counts`; `text` is what the person reads and stands nowhere else. */
export type Result = { result: 'done' | 'nothing' | 'failed'; text: string; counts?: Record<string, number> };

/** What a command works with. */
export type Desk = {
  /** The transaction of the request in a room, the store on the command line. */
  db: Store;
  /** For what commits by itself, whatever becomes of `db`: it has to be harmless when it comes again. */
  store: Store;
  /** The organisation of the room; undefined sees all: the platform's room, the command line. */
  organisation: string | undefined;
  /** An mxid, or `cli`. */
  who: string;
  config: DeskConfig;
  commands: readonly Command[];
  accept: Accept;
  deliverWaiting: Ingest['deliverWaiting'];
  probe: () => Promise<Part[]>;
  now: number;
};

export type DeskConfig = Pick<LoadedConfig, 'organisations' | 'connections'> & { appservice: { recordKey: Buffer } };

/** What an operator's command works with; `print` writes a result alone to the terminal or into `--out`. */
export type Operator = {
  /** Reads the configuration; throws with everything that is wrong with it. */
  readConfig: () => Promise<LoadedConfig>;
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** What stood after the command's name. */
  about: string | undefined;
  say: (text: string) => void;
  print: (value: object) => Promise<void>;
  registration: (config: LoadedConfig) => object;
  homeserverPart: (config: LoadedConfig, registrationFile: string) => object;
  checkHomeserver: (config: LoadedConfig) => Promise<string[]>;
  /** What is wrong with the pictures that the configuration names, one line each. */
  checkPictures: (config: LoadedConfig) => Promise<string[]>;
  /** What is wrong with the mail server, in a sentence. */
  checkMail: (smtp: LoadedSmtp) => Promise<string | undefined>;
  migrate: (config: LoadedConfig) => Promise<void>;
  /** Answers the names of the files made. */
  makeSecrets: () => Promise<string[]>;
  /** Opens the store for as long as `work` runs. */
  withStore: (config: LoadedConfig, work: (store: Store) => Promise<void>) => Promise<void>;
  /** One dry run; `agent` is an address or a localpart. Writes nothing. */
  attempt: (
    config: LoadedConfig,
    connection: LoadedConnection,
    of: { agent?: string; file?: { name: string; bytes: Uint8Array } },
  ) => Promise<Attempt>;
  /** Reads what rooms await it; true when none does. */
  readRooms: (config: LoadedConfig, store: Store, onRoom: (progress: { read: number; awaiting: number }) => void) => Promise<boolean>;
};

/** The connections that a scope sees. */
export function connectionsIn({ organisation, config }: Desk): DeskConfig['connections'] {
  return config.connections.filter((connection) => organisation === undefined || connection.organisation === organisation);
}

/** The zone that times are written in: the organisation's, the first one's for the platform. */
export function zoneOf({ organisation, config }: Desk): string {
  const found = config.organisations.find(({ id }) => id === organisation) ?? config.organisations[0];
  return found?.timeZone ?? 'Europe/Paris';
}
