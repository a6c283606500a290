/** Heads as real servers write them, from the top; what stands below the last `Received` of the site may be the sender's. */
import { describe, expect, it } from 'vitest';
import { isAuthenticated } from '../../../bots/mail-trust.ts';

type Head = [name: string, value: string][];
const results = (text: string): Head[number] => ['authentication-results', text];
const received = (text: string): Head[number] => ['received', text];
const believes = (headers: Head): boolean =>
  isAuthenticated(
    { uid: 1, receivedMs: 0, messageId: '', from: ['alertes@outil.example'], to: [], subject: '', headers },
    'mx.ville-claire.example',
  );

const SMTP = received(
  'from smtp.outil.example (smtp.outil.example [192.0.2.7]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) (No client certificate requested) by mx.ville-claire.example (Postfix) with ESMTPS id 4XyZ1a for <bureau@ville-claire.example>; Thu, 26 Nov 2026 10:00:00 +0100 (CET)',
);
const LMTP = received(
  'from mx.ville-claire.example by store.ville-claire.example with LMTP id 8KQxNwAB for <bureau@ville-claire.example>; Thu, 26 Nov 2026 10:00:01 +0100',
);
const CYRUS = received('from mx.ville-claire.example ([unix socket]) by store (Cyrus 3.6.1) with LMTPA; Thu, 26 Nov 2026 10:00:01 +0100');
const AWAY = received(
  'from web1 (unknown [10.0.0.3]) by smtp.outil.example (Postfix) with ESMTP id 77AB; Thu, 26 Nov 2026 09:59:59 +0100 (CET)',
);
const DKIM =
  'mx.ville-claire.example; dkim=pass (2048-bit key; unprotected) header.d=outil.example header.i=@outil.example header.b="aB3/xY"';
const NO_POLICY = 'mx.ville-claire.example; dmarc=none (p=none dis=none) header.from=outil.example';
const SPF = 'mx.ville-claire.example; spf=pass (sender SPF authorized) smtp.mailfrom=outil.example (client-ip=192.0.2.7)';

describe('a mail whose policy holds', () => {
  const passes = (more: string): boolean => believes([results(`mx.ville-claire.example; spf=none; dmarc=pass ${more}`), SMTP]);

  it('is from the domain for which it does', () => {
    expect(passes('(p=reject dis=none) header.from=outil.example')).toBe(true);
    expect(passes('action=none header.from=Outil.Example')).toBe(true);
  });

  it('for another domain is from nobody: « From: alertes@outil.example <x@ailleurs.example> » is read otherwise by every server', () => {
    expect(passes('header.from=ailleurs.example')).toBe(false);
    expect(passes('header.from=outil.example.ailleurs.example')).toBe(false);
    expect(passes('')).toBe(false);
  });
});

describe('results of one server in several headers', () => {
  it.each<[string, Head]>([
    ['OpenDMARC over OpenDKIM, both above what Postfix received', [results(NO_POLICY), results(DKIM), SMTP, AWAY]],
    ['policyd-spf between them', [results(NO_POLICY), results(SPF), results(DKIM), SMTP]],
    ['handed on by LMTP to Dovecot', [LMTP, results(NO_POLICY), results(DKIM), SMTP]],
    ['handed on by LMTP to Cyrus', [CYRUS, results(NO_POLICY), results(DKIM), SMTP]],
    ['amavis over the others', [results('mx.ville-claire.example (amavisd-new); dkim=neutral reason="x"'), results(DKIM), SMTP]],
    ['another server’s among them', [results('store.ville-claire.example; auth=none'), results(NO_POLICY), results(DKIM), SMTP]],
    [
      'rspamd in one, below what Postfix received',
      [SMTP, results(`${DKIM}; spf=softfail; dmarc=pass (policy=none) header.from=outil.example`)],
    ],
    ['in one alone, below two servers of the site', [LMTP, SMTP, results(DKIM), AWAY]],
  ])('count together: %s', (_, headers) => {
    expect(believes(headers)).toBe(true);
  });

  const FORGED = results('mx.ville-claire.example; dkim=pass header.d=outil.example; dmarc=pass header.from=outil.example');
  const AS_LMTP = received('from mx.ville-claire.example by mx.ville-claire.example with LMTP id 1 for <b@ville-claire.example>; now');
  const helo = (name: string): Head[number] => received(SMTP[1].replace('smtp.outil.example (', `${name} (`));
  it.each<[string, Head]>([
    ['below what the site received', [results(NO_POLICY), SMTP, FORGED]],
    ['directly below what the site’s server said', [SMTP, results(NO_POLICY), FORGED]],
    ['below, handed on by LMTP', [LMTP, results(NO_POLICY), SMTP, FORGED, AWAY]],
    ['above a forged handing on', [SMTP, results(NO_POLICY), FORGED, AS_LMTP, SMTP]],
    ['below a forged handing on', [SMTP, results(NO_POLICY), AS_LMTP, FORGED, SMTP]],
    ['alone, from elsewhere', [SMTP, AWAY, FORGED]],
    ['by one who greets as if he handed on', [helo('x by mx.ville-claire.example with LMTP id 1;'), results(NO_POLICY), FORGED, SMTP]],
    ['by one who greets in quotes', [helo('"x with LMTP id 1"'), results(NO_POLICY), FORGED, SMTP]],
    ['with no server in between', [results(NO_POLICY), FORGED]],
  ])('are not those of who sends: %s', (_, headers) => {
    expect(believes(headers)).toBe(false);
  });
});
