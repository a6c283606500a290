/**
 * « Mes outils »: an agent adds a mail address that is hers, proven by a code sent to it. What is answered while she asks is the
 * same whoever's the address is. The later proof holds, since it shows who reads these mails now; an address of the directory
 * is never taken from its owner.
 */
import { randomInt, timingSafeEqual } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { LoadedOrganisation } from '#config/load.ts';
import { DeskError, MaybeDone } from '#desk/errors.ts';
import { foldMail, isMail } from '#desk/mail.ts';
import type { MailAnswer, MailFault, OwnMails } from '#desk/own-mail.ts';
import { MAIL_BROKEN, MAIL_MOVED } from '#desk/words/mail.ts';
import { writeAudit } from '#store/audit.ts';
import { countCodes, countTry, dropCode, endCode, findCode, keepCode, lockCodes, newCodeId } from '#store/mail-codes.ts';
import { dropMail, type ProvenMail, provenMails, putMail } from '#store/mails.ts';
import type { Store } from '#store/open.ts';
import { enqueue, noticeRow, tellPlatform } from '#store/outbox.ts';
import { findMembers, findPerson, lockDirectory, type Membership, membershipsOf } from '#store/people.ts';
import { deskAddress } from '#store/rooms.ts';
import { keyedHash } from '#store/seal.ts';
import type { Tables } from '#store/tables.ts';
import type { Log } from '../log.ts';
import type { CodeMail } from '../mail/letter.ts';
import type { Mailer } from '../mail/mailer.ts';
import { Attempts } from './attempts.ts';
import { CODE_LIFE_MS, isTooMany, makeCode, readCode, stateOfCode } from './code.ts';

export type MailsOptions = {
  store: Store;
  /** Without it nothing is offered; what was proven before holds, and can be removed. */
  mailer: Mailer | undefined;
  recordKey: Buffer;
  organisations: readonly Pick<LoadedOrganisation, 'id' | 'name' | 'timeZone'>[];
  serverName: string;
  clock: () => number;
  log: Log;
  /** Ingest's: what waited under the address, onto her desk. */
  deliverWaiting: (db: Store, person: { organisation: string; localpart: string }) => Promise<unknown>;
  /** For tests; unguessable otherwise. */
  chance?: (below: number) => number;
};

const MOST_MAILS = 10;
const LONGEST = 200; // as an address in a delivery

export class Mails {
  readonly #options: MailsOptions;
  readonly #attempts: Attempts;

  constructor(options: MailsOptions) {
    this.#options = options;
    this.#attempts = new Attempts(options.clock);
  }

  async standing(localpart: string): Promise<OwnMails> {
    const { store, mailer } = this.#options;
    const [memberships, own, code] = await Promise.all([
      membershipsOf(store, localpart),
      provenMails(store, localpart),
      findCode(store, localpart),
    ]);
    return {
      isOffered: mailer !== undefined,
      known: [...new Set(memberships.flatMap(({ mail }) => mail ?? []))],
      proven: byMail(own),
      ...(code !== undefined && { asked: { mail: code.mail, until: code.until.getTime(), ...stateOfCode(code) } }),
    };
  }

  /** Sends a code to what she typed. */
  async ask(localpart: string, typed: string): Promise<MailAnswer> {
    const { mailer, log } = this.#options;
    if (mailer === undefined) return { fault: 'unknown' };
    const mail = readAddress(typed);
    if (mail === undefined) return { fault: 'mail' };
    const fault = await this.#hinders(localpart, mail);
    if (fault !== undefined) return { fault };
    if (!this.#attempts.may(localpart, 'mail')) return { fault: 'too_many' };
    const id = newCodeId();
    const made = await this.#make({ id, localpart, mail });
    if (made === undefined) return { fault: 'too_many' };
    try {
      await mailer.sendCode(made);
    } catch (error) {
      return { fault: await this.#unsent(error, { id, localpart }) };
    }
    this.#attempts.succeeded(localpart, 'mail');
    log.info({ agent: localpart }, 'a code was sent');
    return { mail };
  }

  /** Tries the code; every try is written down before its answer is known. */
  async prove(localpart: string, typed: string): Promise<MailAnswer> {
    const given = readCode(typed);
    if (given === undefined) return { fault: 'digits' };
    return this.#options.store.transaction().execute(async (trx) => {
      const code = await findCode(trx, localpart, { isLocked: true });
      if (code === undefined) return { fault: 'expired' };
      const { state, left } = stateOfCode(code);
      if (state !== 'sent') return { fault: state };
      await countTry(trx, code.id);
      const digest = this.#digest({ id: code.id, localpart, mail: code.mail, code: given });
      if (timingSafeEqual(Buffer.from(digest), Buffer.from(code.digest))) return this.#proven(trx, localpart, code.mail);
      return left > 1 ? { fault: 'wrong', left: left - 1 } : { fault: 'spent' };
    });
  }

  /** She wants no code any more. */
  async stop(localpart: string): Promise<MailAnswer> {
    await endCode(this.#options.store, localpart, 'stopped');
    return {};
  }

  async remove(localpart: string, typed: string): Promise<MailAnswer> {
    const mail = foldMail(typed.trim());
    return this.#options.store.transaction().execute(async (trx) => {
      const organisations = await dropMail(trx, { localpart, mail });
      for (const organisation of organisations) await this.#audit(trx, { organisation, localpart, what: 'mail.removed', mail });
      return organisations.length === 0 ? { fault: 'unknown' } : { mail };
    });
  }

  async #hinders(localpart: string, mail: string): Promise<MailFault | undefined> {
    const { store } = this.#options;
    const [memberships, own] = await Promise.all([membershipsOf(store, localpart), provenMails(store, localpart)]);
    const isHere = ({ organisation, ...one }: Membership): boolean =>
      one.mail === mail || own.some((proven) => proven.organisation === organisation && proven.mail === mail && !proven.isOverruled);
    if (memberships.every(isHere)) return 'known';
    return new Set(own.map((one) => one.mail)).size >= MOST_MAILS ? 'full' : undefined;
  }

  /** Writes a code down, in the clear nowhere but in the mail that it answers; undefined when there were too many. */
  #make({ id, localpart, mail }: { id: string; localpart: string; mail: string }): Promise<CodeMail | undefined> {
    const { store, organisations, chance = randomInt } = this.#options;
    return store.transaction().execute(async (trx) => {
      await lockCodes(trx);
      if (isTooMany(await countCodes(trx, { localpart, mail }))) return undefined;
      const code = makeCode(chance);
      const until = await keepCode(trx, { id, localpart, mail, digest: this.#digest({ id, localpart, mail, code }), lifeMs: CODE_LIFE_MS });
      const hers = (await membershipsOf(trx, localpart)).map(({ organisation }) => organisation);
      const known = organisations.filter((organisation) => hers.includes(organisation.id));
      const { name: who = localpart } = (await findPerson(trx, localpart)) ?? {};
      const timeZone = known[0]?.timeZone ?? 'Europe/Paris';
      return { to: mail, who, organisations: known.map(({ name }) => name), code, minutes: CODE_LIFE_MS / 60_000, until, timeZone };
    });
  }

  /** A keyed hash: whoever reads the table cannot try all codes. */
  #digest({ id, localpart, mail, code }: { id: string; localpart: string; mail: string; code: string }): string {
    return keyedHash(this.#options.recordKey, 'mail-code', [id, localpart, mail, code]);
  }

  /** What never left counts for nobody. What the server refused counts: else it could be asked for whoever has a mailbox. */
  async #unsent(error: unknown, { id, localpart }: { id: string; localpart: string }): Promise<MailFault> {
    const { store, log } = this.#options;
    const known = error instanceof DeskError ? error : new DeskError('bug', 'The mailer threw what is no DeskError', { cause: error });
    log.warn({ code: known.code, reason: known.message }, 'a code could not be sent');
    const fault = faultOf(known);
    if (fault === 'refused') await endCode(store, localpart, 'refused');
    else if (fault !== 'slow') await dropCode(store, id);
    if (fault === 'broken') await tellPlatform(store, 'mail|broken', MAIL_BROKEN);
    return fault;
  }

  async #proven(trx: Transaction<Tables>, localpart: string, mail: string): Promise<MailAnswer> {
    await lockDirectory(trx);
    const free: string[] = [];
    for (const { organisation } of await membershipsOf(trx, localpart))
      if ((await findMembers(trx, organisation, { mail })).length === 0) free.push(organisation);
    await endCode(trx, localpart, free.length === 0 ? 'taken' : 'proven');
    if (free.length === 0) return { fault: 'taken' };
    for (const organisation of free) {
      const before = await putMail(trx, { organisation, mail, localpart });
      await this.#audit(trx, { organisation, localpart, what: 'mail.proven', mail, ...(before !== undefined && { before }) });
      if (before !== undefined) await enqueue(trx, [noticeRow(deskAddress(organisation, before), `mail|${mail}`, MAIL_MOVED(mail))]);
      await this.#options.deliverWaiting(trx, { organisation, localpart });
    }
    return { mail };
  }

  async #audit(trx: Store, { organisation, localpart, what, mail, before }: Audited): Promise<void> {
    const who = `@${localpart}:${this.#options.serverName}`;
    await writeAudit(trx, { organisation, who, what, subject: mail, ...(before !== undefined && { details: { before } }) });
  }
}

type Audited = { organisation: string; localpart: string; what: 'mail.proven' | 'mail.removed'; mail: string; before?: string };

function readAddress(typed: string): string | undefined {
  const mail = foldMail(typed.trim());
  const isOne = mail.length <= LONGEST && isMail(mail) && /@.*\./.test(mail) && !/[\p{Cc}\p{Cf}]/u.test(mail);
  return isOne ? mail : undefined;
}

/** Each once, whatever the organisations it holds in. */
function byMail(own: readonly ProvenMail[]): OwnMails['proven'] {
  const mails = [...new Set(own.map(({ mail }) => mail))];
  return mails.map((mail) => {
    const rows = own.filter((one) => one.mail === mail);
    return { mail, provenAt: rows[0]?.provenAt.getTime() ?? 0, isOverruled: rows.every(({ isOverruled }) => isOverruled) };
  });
}

const faultOf = (error: DeskError): MailFault => {
  if (error.code === 'not_found' || error.code === 'denied') return 'refused';
  if (error.code !== 'unavailable') return 'broken';
  return error instanceof MaybeDone ? 'slow' : 'down';
};
