/** The connection to the site's mail server, and what nodemailer says when it fails: never a server's words, which may quote an address. */
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { LoadedSmtp } from '#config/load.ts';

export type Timeouts = { connectMs: number; silenceMs: number };

/** Certificates are checked as Node does: by its authorities and those of NODE_EXTRA_CA_CERTS. */
export function openTransport(smtp: LoadedSmtp, { connectMs, silenceMs }: Timeouts) {
  const { host, port, tls, user, password } = smtp;
  return createTransport({
    host,
    port,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
    dnsTimeout: connectMs,
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: silenceMs,
    logger: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

const Text = z.string().optional().catch(undefined);
/** What nodemailer says of a failure. */
export const Failure = z
  .object({
    code: Text,
    originalCode: Text,
    command: Text,
    timeoutType: Text,
    responseCode: z.number().optional().catch(undefined),
    permanent: z.boolean().optional().catch(undefined),
  })
  .catch({});
export type Failure = z.infer<typeof Failure>;

/** What is wrong with a certificate that was refused. */
export type CertificateFault = 'expired' | 'early' | 'name' | 'self' | 'authority';

const CERTIFICATES: Readonly<Record<string, CertificateFault>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'early',
  ERR_TLS_CERT_ALTNAME_INVALID: 'name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self',
};

export function certificateFault({ originalCode = '' }: Failure): CertificateFault | undefined {
  return CERTIFICATES[originalCode] ?? (/^(CERT|UNABLE_TO|SELF_SIGNED|INVALID_CA)_/.test(originalCode) ? 'authority' : undefined);
}
