/** A mail as a file (RFC 5322), as the mailbox would show it. For dry runs: what a server sends is read by the server. */
import { DeskError } from '#desk/errors.ts';
import type { MailHead, MailText } from './io-imap.ts';
import { repairSubject } from './mail-text.ts';

export async function readEml(bytes: Uint8Array): Promise<{ head: MailHead; body: MailText }> {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(bytes, { forceRfc822Attachments: true }).catch((cause: unknown) => {
    throw new DeskError('invalid', 'The file given is no mail', { cause });
  });
  const addresses = (list: readonly { address?: string | undefined }[] = []): string[] =>
    list.flatMap(({ address }) => (address === undefined || address === '' ? [] : [address.toLowerCase()]));
  const head: MailHead = {
    uid: 1,
    receivedMs: Date.parse(mail.date ?? '') || 0,
    messageId: mail.messageId ?? '',
    from: addresses(mail.from === undefined ? [] : [mail.from]),
    to: addresses([...(mail.to ?? []), ...(mail.cc ?? [])]),
    subject: repairSubject(mail.subject ?? '', bytes)
      .replace(/\s+/g, ' ')
      .trim(),
    headers: mail.headers.map(({ key, value }): [string, string] => [key.toLowerCase(), value]),
  };
  return { head, body: { plain: mail.text ?? '', html: mail.html ?? '' } };
}
