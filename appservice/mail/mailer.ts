/**
 * Sends mails by the site's server, one connection for each. What goes wrong is one of the core's errors, in our own words:
 * a server's words may quote the address, so they are passed on to nobody.
 */
import type { LoadedSmtp } from '#config/load.ts';
import { DeskError, type ErrorCode, MaybeDone } from '#desk/errors.ts';
import { type CodeMail, codeLetter } from './letter.ts';
import { certificateFault, Failure, openTransport, type Timeouts as Patience } from './transport.ts';

export interface Mailer {
  /**
   * Resolves once the server has taken the mail. Throws `not_found` when there is no such mailbox, `denied` when it does not want
   * the mail, `unavailable` when nothing was sent, {@link MaybeDone} when that is not known, `config` when our set-up is wrong.
   */
  sendCode(mail: CodeMail): Promise<void>;
}

type Timeouts = Patience & { allMs: number };
/** Someone waits for the answer. `all` is less than what the web waits for us. */
const TIMEOUTS: Timeouts = { connectMs: 10_000, silenceMs: 20_000, allMs: 30_000 };
const NAME = 'Écritoire';

export function makeMailer(smtp: LoadedSmtp, { allMs, ...patience }: Timeouts = TIMEOUTS): Mailer {
  const { from } = smtp;
  const transport = openTransport(smtp, patience);
  return {
    async sendCode(mail) {
      const { to, ...letter } = codeLetter(mail);
      // No answering machine answers it (RFC 3834).
      const headers = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };
      const signal = AbortSignal.timeout(allMs);
      try {
        await transport.sendMail({ ...letter, headers, signal, from: { name: NAME, address: from }, to: { name: '', address: to } });
      } catch (error) {
        throw readFailure(error);
      }
    },
  };
}

const OURS: readonly string[] = ['EAUTH', 'ENOAUTH', 'ETLS', 'EREQUIRETLS', 'ECONFIG'];
const BY_COMMAND: Readonly<Record<string, ErrorCode>> = { 'MAIL FROM': 'config', 'RCPT TO': 'not_found', DATA: 'denied' };
const NOT_BEGUN: readonly string[] = ['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT'];

/** Without `cause`: it holds the address. */
export function readFailure(error: unknown): DeskError {
  const failure = Failure.parse(error);
  const { code = '', originalCode, command = '', responseCode, permanent, timeoutType = '' } = failure;
  const said = [code, originalCode, command, responseCode].filter((one) => one !== undefined && one !== '').join(' ');
  const reason = `The mail server did not take a mail: ${said === '' ? 'unknown' : said}`;
  if (permanent === false) return new DeskError('unavailable', reason);
  // Whoever answers may not be the site's server: an admin has to look, and nothing was sent.
  if (certificateFault(failure) !== undefined || OURS.includes(code)) return new DeskError('config', reason);
  if (permanent === true) return new DeskError(BY_COMMAND[command] ?? 'config', reason);
  if (code === 'EDNS' || code === 'ESOCKET' || NOT_BEGUN.includes(timeoutType)) return new DeskError('unavailable', reason);
  if (['ETIMEDOUT', 'EABORT', 'ECONNECTION'].includes(code)) return new MaybeDone(reason);
  return new DeskError('bug', reason);
}
