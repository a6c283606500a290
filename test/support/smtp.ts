/** A mail server that keeps what it is sent, and refuses, delays or says nothing when told to. */
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { LoadedSmtp } from '../../config/load.ts';

/** `unknown`: 550 for every recipient; `later`: 451; `mute`: takes a mail and never says so; `sender`: refuses ours. */
export type Mood = 'fine' | 'unknown' | 'later' | 'mute' | 'sender' | 'unwanted';
export type Received = { to: string[]; raw: string; mail: Email };

/** `secure`: encrypted from the beginning, else on demand. Without `tls` never. */
export type Login = { user?: string; password?: string; tls?: { key: string; cert: string; secure: boolean } };

const REPLIES = {
  unknown: ['RCPT', 550, 'No such user here'],
  later: ['RCPT', 451, 'Greylisted, try again later'],
  sender: ['MAIL', 550, 'Sender not allowed'],
  unwanted: ['DATA', 554, 'Looks like spam'],
} as const;

export class SmtpSink {
  readonly received: Received[] = [];
  mood: Mood = 'fine';
  readonly #server: SMTPServer;

  private constructor({ user, password, tls }: Login) {
    const noTls = tls === undefined ? ['STARTTLS'] : [];
    this.#server = new SMTPServer({
      authOptional: user === undefined,
      allowInsecureAuth: true,
      disabledCommands: user === undefined ? [...noTls, 'AUTH'] : noTls,
      ...tls,
      logger: false,
      closeTimeout: 100,
      onAuth: (auth, _session, answer) => {
        const isHim = auth.username === user && auth.password === password;
        answer(isHim ? null : new Error('Wrong'), isHim ? { user: auth.username } : undefined);
      },
      onMailFrom: (_address, _session, answer) => {
        answer(this.#refusal('MAIL'));
      },
      onRcptTo: (_address, _session, answer) => {
        answer(this.#refusal('RCPT'));
      },
      onData: (stream, session, answer) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
        stream.on('end', () => void this.#take(Buffer.concat(chunks), session.envelope.rcptTo, answer));
      },
    });
    this.#server.on('error', () => undefined);
  }

  static async start(login: Login = {}, port = 0): Promise<SmtpSink> {
    const sink = new SmtpSink(login);
    await new Promise<void>((done) => sink.#server.listen(port, '127.0.0.1', done));
    return sink;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get settings(): LoadedSmtp {
    return { host: '127.0.0.1', port: this.port, tls: 'none', password: undefined, from: 'bureau@ville-claire.example' };
  }

  /** The code in the newest mail to this address. */
  codeFor(to: string): string {
    const newest = this.received.filter((one) => one.to.includes(to)).at(-1);
    const [, first = '', last = ''] = /(\d{4})\s(\d{4})/.exec(newest?.mail.text ?? '') ?? [];
    return first + last;
  }

  async stop(): Promise<void> {
    await new Promise<void>((done) => {
      this.#server.close(done);
    });
  }

  async #take(bytes: Buffer, to: readonly { address: string }[], answer: (error?: Error | null) => void): Promise<void> {
    const refusal = this.#refusal('DATA');
    if (refusal === undefined) {
      this.received.push({ to: to.map(({ address }) => address), raw: bytes.toString(), mail: await PostalMime.parse(bytes) });
    }
    if (this.mood !== 'mute') answer(refusal);
  }

  #refusal(step: 'MAIL' | 'RCPT' | 'DATA'): (Error & { responseCode: number }) | undefined {
    if (this.mood === 'fine' || this.mood === 'mute') return undefined;
    const [at, responseCode, text] = REPLIES[this.mood];
    return at === step ? Object.assign(new Error(text), { responseCode }) : undefined;
  }
}
