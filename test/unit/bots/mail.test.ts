import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Io, MailHead } from '../../../bots/io.ts';
import { readEml } from '../../../bots/eml.ts';
import { htmlToText, repairSubject } from '../../../bots/mail-text.ts';
import { Config } from '../../../bots/mail/config.ts';
import { mail } from '../../../bots/mail/index.ts';
import { readMail } from '../../../bots/mail/match.ts';
import { twin as mailTwin } from '../../../bots/mail/twin.ts';
import { BotBed, CLAIRE } from '../../contract/bed.ts';

const RULE = {
  from: ['alertes@outil.example', '@marches.example'],
  subject: '^Demande (?<numéro>\\d+) : (?<titre>.+)$',
  title: '{titre}',
  agent: { mail: 'destinataires' },
};
const config = (rule: object = {}, more: object = {}): Config =>
  Config.parse({
    server: 'imaps://mail.example',
    user: 'u',
    password: 'p',
    authserv: 'mx.example',
    rules: [{ ...RULE, ...rule }],
    ...more,
  });
const GENUINE: [string, string] = ['authentication-results', 'mx.example; dkim=pass header.d=outil.example'];
const head = (more: Partial<MailHead> = {}): MailHead => ({
  uid: 4,
  receivedMs: 1_795_683_600_000,
  messageId: '<a@outil.example>',
  from: ['alertes@outil.example'],
  to: ['claire@ville.example'],
  subject: 'Demande 12 : Pièce à fournir',
  headers: [GENUINE],
  ...more,
});
const read = (mailHead: MailHead, of: Config = config(), body = { plain: '', html: '' }) =>
  readMail(mailHead, body, { config: of, uidValidity: '7' });
const items = (mailHead: MailHead, of: Config = config(), body = { plain: '', html: '' }) =>
  mail.normalise(read(mailHead, of, body), { baseUrl: '', timeZone: 'Europe/Paris', config: of });

describe('a mail', () => {
  it('from an admitted sender and of a known form is an item; its own id is the key unless the rule says otherwise', () => {
    expect(items(head()).items).toMatchObject([{ key: '<a@outil.example>', title: 'Pièce à fournir', revision: 1_795_683_600_000 }]);
    expect(items(head(), config({ id: 'D{numéro}' })).items).toMatchObject([{ key: 'D12' }]);
    expect(items(head({ messageId: '' })).items).toMatchObject([{ key: '7/4' }]);
  });

  it('from a stranger is nobody’s business; so is an automatic reply, and one with two senders', () => {
    for (const odd of [
      head({ from: ['autre@ailleurs.example'] }),
      head({ from: ['alertes@outil.example.ailleurs.example'] }),
      head({ from: [] }),
      head({ from: ['alertes@outil.example', 'autre@ailleurs.example'] }),
      head({ headers: [GENUINE, ['auto-submitted', 'auto-replied']] }),
    ])
      expect(read(odd)).toBeUndefined();
  });

  it.each([
    ['without a word of the site’s server', []],
    ['by the word of another server', [['authentication-results', 'mx.ailleurs.example; dkim=pass header.d=outil.example']]],
    ['with its signature broken', [['authentication-results', 'mx.example; dkim=fail header.d=outil.example']]],
    ['signed by another domain', [['authentication-results', 'mx.example; dkim=pass header.d=ailleurs.example']]],
    [
      'whose sender has such a word in an address of his',
      [['authentication-results', 'mx.example; spf=pass smtp.mailfrom="a; dkim=pass header.d=outil.example;"@x.example']],
    ],
    ['signed by a domain that ends alike', [['authentication-results', 'mx.example; dkim=pass header.d=til.example']]],
    [
      'whose sender wrote such a word below the true one',
      [
        ['authentication-results', 'mx.example; dkim=none'],
        ['authentication-results', 'mx.example; dkim=pass header.d=outil.example'],
      ],
    ],
  ] as [string, [string, string][]][])('%s is refused, and said', (_, headers) => {
    expect(items(head({ headers }))).toMatchObject({
      items: [],
      rejected: [{ reason: 'mail <a@outil.example>\u00a0: expéditeur que le serveur de messagerie n’a pas authentifié' }],
    });
  });

  it.each([
    'mx.example; dkim=pass header.i=@outil.example',
    'mx.example 1; spf=pass; dkim=pass (2048-bit key) header.d=outil.example header.s=k1',
    'mx.example; dkim=fail header.d=x.example; dmarc=pass header.from=outil.example',
    'mx.example; dkim=pass (2048-bit key; unprotected) header.d=outil.example header.i=@outil.example header.b="aB3/xY"',
    'MX.Example (amavisd-new); dkim=pass (2048-bit key (rsa; sha256)) header.d=outil.example',
  ])('is believed by %j', (results) => {
    expect(items(head({ headers: [['authentication-results', results]] })).items.length).toBe(1);
  });

  it('that no rule knows is said, without its subject', () => {
    const { rejected } = items(head({ subject: 'Lettre d’information confidentielle' }));
    expect(rejected).toEqual([{ reason: 'mail <a@outil.example>\u00a0: aucun modèle ne reconnaît ce mail d’un expéditeur admis' }]);
  });

  it('in HTML alone is read as text, its links behind their words; of its text nothing goes further', () => {
    const of = config({ body: '(?<lien>https://outil\\.example/\\S+)', link: 'lien' });
    const html = '<style>x</style><p>Voir&nbsp;<a class=b href="https://outil.example/d/12">la demande</a>. Secret&eacute;</p>';
    expect(items(head(), of, { plain: '', html }).items).toMatchObject([{ url: 'https://outil.example/d/12' }]);
    expect(JSON.stringify(read(head(), of, { plain: '', html }))).not.toContain('Secret');
  });

  it('in two forms is read in both: the plain one may say only that there is another', () => {
    const of = config({ body: '(?<lien>https://outil\\.example/\\S+)', link: 'lien' });
    const html = '<p><a href="https://outil.example/d/12?a=1&amp;b=2">La d&eacute;cision</a></p>';
    const plain = 'Votre messagerie ne sait pas afficher ce message.\r\n';
    expect(items(head(), of, { plain, html }).items).toMatchObject([{ url: 'https://outil.example/d/12?a=1&b=2' }]);
  });

  it('that says it is over closes what it names, whoever it was for', () => {
    const of = config({ ends: 'done', id: '{numéro}' });
    expect(items(head({ to: [] }), of).items).toMatchObject([{ key: '12', state: 'done' }]);
  });

  it('with values that are no date or name nobody is refused with each reason', () => {
    const of = config({ due: 'titre' });
    expect(items(head({ to: [] }), of).rejected.map(({ reason }) => reason)).toEqual([
      'mail <a@outil.example>\u00a0: aucune personne à qui le remettre',
      'mail <a@outil.example>\u00a0: date illisible «\u00a0Pièce à fournir\u00a0» («\u00a0titre\u00a0»)',
    ]);
  });
});

describe('a mail whose text the server does not give', () => {
  it('is waited for a few looks, then said to be lost: later ones do not wait for it for good', async () => {
    const bed = await BotBed.start(mail, mailTwin);
    const [first, lost, last] = ['Un', 'Perdu', 'Trois'].map((title) => bed.twin.add([CLAIRE], title));
    const ctx = bed.ctx();
    const io: Io = {
      ...ctx.io,
      imap: {
        ...ctx.io.imap,
        visit: (access, look) =>
          ctx.io.imap.visit(access, (box) => {
            const text = (of: MailHead) => (of.uid === 2 ? Promise.resolve(undefined) : box.text(of));
            return look({ ...box, text });
          }),
      },
    };
    const looks: { keys: string[]; reasons: string[] }[] = [];
    for (let cursor: unknown; looks.length < 6;) {
      const swept = (await mail.poll?.({ ...ctx, config: Config.parse(bed.config), io }, cursor)) ?? { payloads: [], cursor };
      const normalised = swept.payloads.map((payload) => bed.normalise(payload));
      const keys = normalised.flatMap(({ items: all }) => all.map(({ key }) => key));
      looks.push({ keys, reasons: normalised.flatMap(({ rejected }) => rejected.map(({ reason }) => reason)) });
      ({ cursor } = swept);
    }
    const nothing = { keys: [], reasons: [] };
    const said = { keys: [], reasons: [expect.stringContaining('ne donne pas')] };
    expect(looks).toEqual([{ keys: [first], reasons: [] }, nothing, nothing, nothing, said, { keys: [last], reasons: [] }]);
    expect(lost).toBeDefined();
    await bed.stop();
  });
});

describe('a mail as a file', () => {
  const bytes = Buffer.from(
    'From: A <a@b.example>\r\nSubject: Accus\u00e9 de\r\n d\u00e9p\u00f4t\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
      '--b\r\nContent-Type: text/plain; charset=iso-8859-15\r\n\r\nVoir joint, 3 \u00a4\r\n' +
      '--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: y\r\n\r\nTexte de l\u2019autre\r\n--b--\r\n',
    'latin1',
  );

  it('has its subject although it says no charset, and not the text of another that is attached', async () => {
    const { head: read, body } = await readEml(bytes);
    expect(read.subject).toBe('Accusé de dépôt');
    expect(body.plain.trim()).toBe('Voir joint, 3 €');
  });

  it('keeps a subject that is encoded, whatever else is broken in it', () => {
    const header = Buffer.from('Subject: =?UTF-8?Q?Caf=E9?=\r\n\r\nSubject: autre');
    expect(repairSubject('Caf\uFFFD', header)).toBe('Caf\uFFFD');
    expect(repairSubject('Été', undefined)).toBe('Été');
    expect(repairSubject('Perdu \uFFFD', Buffer.from('Subject: Perdu \uFFFD\r\n'))).toBe('Perdu \uFFFD');
    expect(repairSubject('\uFFFD', Buffer.from('X: 1\r\n\r\nSubject: du texte'))).toBe('\uFFFD');
  });
});

describe('HTML', () => {
  it('becomes text, whatever it is', () => {
    expect(htmlToText('<p>Un</p><p>deux &#233; &#x20AC; &lt;b&gt; &OElig;uvre &inconnu; &#0; &#xD800;</p><!-- non')).toBe(
      'Un\ndeux é € <b> Œuvre &inconnu;',
    );
    expect(htmlToText('<script>alert(1)</script><a href=https://x.example/a>là</a><br>fin')).toBe('https://x.example/a là\nfin');
    fc.assert(fc.property(fc.string(), (html) => typeof htmlToText(html) === 'string'));
  });

  it('has its addresses and entities as a browser reads them, and nothing of its head', () => {
    const page =
      '<html><head><title>Non</title><style>a { color: red }</style><body><A class=x HREF = "https://x.example/?a=1&amp;b=2">L&rsquo;&eacutet&eacute;&shy;s</A> a < b';
    expect(htmlToText(page)).toBe('https://x.example/?a=1&b=2 L’étés a < b');
    expect(htmlToText('<table><tr><td>un<td>deux</tr><tr><td>trois</table><ul><li>a<li>b</ul>')).toBe('un deux\ntrois\na\nb');
  });

  it.each([
    ['tags that never end', `<a href="${'x'.repeat(400)}\r\n`],
    ['links within links', '<a href=x>'],
    ['styles that never end', '<style '],
    ['comments that never end', '<!-- '],
    ['ends of what never began', '<b></a></i>'],
    ['half entities', '&eacut&#x&#'],
    ['addresses of spaces', '<a href = '],
  ])('of %s costs no more than its length', (_, part) => {
    expect(typeof htmlToText(part.repeat(64_000 / part.length))).toBe('string');
  });
});

describe('a rule', () => {
  it.each<[object, string]>([
    [{ title: '{titre} de {service}' }, 'service'],
    [{ title: 'Réponse déposée' }, 'Réponse déposée'],
    [{ id: 'depot/{numero}' }, 'numero'],
    [{ agent: { group: 'service' } }, 'service'],
  ])('that uses a name which nothing gives (%j) would make nothing of any mail: it is refused', (rule, name) => {
    expect(() => config(rule)).toThrow(`ne donnent «\u00a0${name}`);
  });

  it('uses what its patterns catch, fixed values, and what every mail has', () => {
    const rule = { body: '(?<lien>https://\\S+)', link: 'lien', values: { service: 'marches' }, agent: { group: 'service' } };
    expect(() => config({ ...rule, title: '{titre} ({objet})', summary: 'expéditeur', id: '{numéro}' })).not.toThrow();
  });

  it.each(['PLACE <alertes@outil.example>', 'outil.example', '*@outil.example', 'alertes@', 'a@b.example, c@d.example'])(
    'from %j would admit nobody, without a word: it is refused',
    (from) => {
      expect(() => config({ from: [from] })).toThrow('attendu : une adresse, ou « @domaine »');
    },
  );
});

describe('the declaration for PLACE', () => {
  const EXAMPLES = fileURLToPath(new URL('../../../bots/mail/examples/', import.meta.url));
  const sample = async (name: string) => {
    const { settings } = parse(await readFile(`${EXAMPLES}place.yaml`, 'utf8')) as { settings: object };
    const of = Config.parse({ ...settings, password: 'p' });
    const payloads = (await mail.readFile?.({ name, bytes: await readFile(`${EXAMPLES}${name}`) }, of, { now: 0, timeZone: 'UTC' })) ?? [];
    return payloads.map((payload) => mail.normalise(payload, { baseUrl: '', timeZone: 'Europe/Paris', config: of }));
  };

  it('says of a sample why it would be passed over: from a stranger, an automatic reply, no mail at all', async () => {
    const reasons = async (text: string) => {
      const payloads = (await mail.readFile?.({ name: 'a.eml', bytes: Buffer.from(text) }, config(), { now: 0, timeZone: 'UTC' })) ?? [];
      const read = payloads.map((payload) => mail.normalise(payload, { baseUrl: '', timeZone: 'Europe/Paris', config: config() }));
      return read.flatMap(({ items, rejected }) => [...items, ...rejected.map(({ reason }) => reason.replaceAll(/[\u00a0\u202f]/g, ' '))]);
    };
    const stranger = 'réponse automatique, ou expéditeur « x@ailleurs.example » qu’aucun modèle n’admet';
    expect(await reasons('From: X <x@ailleurs.example>\nMessage-ID: <1@a>\n\nBonjour')).toEqual([`mail <1@a> : ${stranger}`]);
    const reply = 'From: alertes@outil.example\nAuto-Submitted: auto-replied\n\nAbsent';
    expect((await reasons(reply))[0]).toContain('réponse automatique');
    expect(await reasons('PK\u0003\u0004')).toEqual([
      'mail sans identifiant : ce fichier ne dit aucun expéditeur : est-ce un mail (.eml) ?',
    ]);
  });

  it('reads its sample mails', async () => {
    expect(await sample('depot.eml')).toMatchObject([
      {
        items: [
          {
            key: 'depot/2026-VC-014',
            title: 'Réponse déposée : consultation 2026-VC-014',
            url: 'https://www.marches-publics.gouv.fr/agent/consultation/2026-VC-014',
            people: [{ role: 'for', group: 'marches' }],
            dossier: '2026-VC-014',
          },
        ],
      },
    ]);
    expect(await sample('ouverture.eml')).toMatchObject([{ items: [{ key: 'ouverture/2026-VC-009', dueAt: '2026-11-27T11:00:00.000Z' }] }]);
  });
});
