/** `config check` tries the mail server as a mail would, up to the name and the password, and sends none. */
import type { LoadedSmtp } from '#config/load.ts';
import { MAIL_SERVER } from '#desk/words/mail.ts';
import { certificateFault, Failure, openTransport, type Timeouts } from './transport.ts';

const TIMEOUTS: Timeouts = { connectMs: 10_000, silenceMs: 20_000 };

/** What is wrong, in one French sentence; undefined when nothing is. */
export async function checkMail(smtp: LoadedSmtp, timeouts = TIMEOUTS): Promise<string | undefined> {
  const transport = openTransport(smtp, timeouts);
  try {
    await transport.verify();
    return undefined;
  } catch (error) {
    const fault = faultOf(Failure.parse(error));
    return MAIL_SERVER.fault({ host: smtp.host, port: smtp.port, fault });
  } finally {
    transport.close();
  }
}

type Fault = keyof typeof MAIL_SERVER.faults;

const BY_CODE: Readonly<Record<string, Fault>> = {
  EDNS: 'unknown',
  ETIMEDOUT: 'silent',
  EAUTH: 'password',
  ENOAUTH: 'password',
  EPROTOCOL: 'other',
  ETLS: 'plain',
  EREQUIRETLS: 'plain',
  ECONNECTION: 'closed',
};

function faultOf(failure: Failure): Fault {
  const { code = '', originalCode = '' } = failure;
  if (originalCode === 'ECONNREFUSED') return 'refused';
  if (originalCode.startsWith('ERR_SSL_')) return 'early_tls';
  return certificateFault(failure) ?? BY_CODE[code] ?? 'closed';
}
