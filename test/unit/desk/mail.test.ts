import { describe, expect, it } from 'vitest';
import { foldMail, isMail } from '#desk/mail.ts';

describe('a mail address', () => {
  it('is compared in lower case, an international domain in the form of mail servers', () => {
    expect(foldMail('Claire.Morel@Ville-Claire.example')).toBe('claire.morel@ville-claire.example');
    expect(foldMail('Claire@Mairie-Évry.example')).toBe('claire@xn--mairie-vry-h7a.example');
    expect(foldMail('claire@mairie-e\u0301vry.example')).toBe('claire@xn--mairie-vry-h7a.example');
    expect(foldMail('hélène@mairie.example')).toBe('hélène@mairie.example');
  });

  it('is not made into another one', () => {
    for (const text of ['é', 'é@', 'a@é/b.example', 'a@é?b.example', 'a@é#.example', 'a@é%2e.example']) {
      expect(foldMail(text)).toBe(text);
    }
  });

  it('has two parts, and neither spaces nor what mail programs read as more than one', () => {
    expect(isMail('a@b.example')).toBe(true);
    for (const text of ['a', 'a@', '@b', 'a@b@c', 'a b@c', 'a@b,c@d', 'A <a@b>', 'a@b\n', '.a@b', 'a@-b', 'a@b..c']) {
      expect([text, isMail(text)]).toEqual([text, false]);
    }
  });
});
