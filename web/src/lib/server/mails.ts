/** An agent's own mail addresses, from the appservice's internal listener. */
import { MailAnswer, OwnMails } from '#desk/own-mail.ts';
import { askOwn } from './own.ts';

/** Undefined when the appservice does not answer. */
export async function readMails(accessToken: string): Promise<OwnMails | undefined> {
  const answer = await askOwn(accessToken, 'GET', '/mails');
  return OwnMails.safeParse(answer?.json).data;
}

/** `given` may hold a code: it goes on as it came, and nothing of it is kept or logged. */
export async function changeMails(accessToken: string, method: 'POST' | 'DELETE', given: unknown): Promise<MailAnswer> {
  const answer = await askOwn(accessToken, method, '/mails', given);
  const read = MailAnswer.safeParse(answer?.json);
  const isSaid = read.success && (answer?.status === 200 || read.data.fault !== undefined);
  if (isSaid) return read.data;
  return { fault: answer?.status === 401 ? 'signed_out' : 'unavailable' };
}
