/** What « Mes outils » asks of our own server for an agent's addresses. Never throws: what went wrong is one of a closed list. */
import type { MailAnswer } from '#desk/own-mail.ts';

async function ask(method: 'POST' | 'DELETE', body: object): Promise<MailAnswer> {
  try {
    const response = await fetch('/adresses', {
      method,
      headers: { 'x-ecritoire': '1', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as MailAnswer;
  } catch {
    return { fault: 'unavailable' };
  }
}

export const askCode = (mail: string): Promise<MailAnswer> => ask('POST', { mail });
export const giveCode = (code: string): Promise<MailAnswer> => ask('POST', { code });
export const stopCode = (): Promise<MailAnswer> => ask('POST', { stop: true });
export const removeMail = (mail: string): Promise<MailAnswer> => ask('DELETE', { mail });
