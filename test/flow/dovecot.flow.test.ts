import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeIo } from '../../bots/io.ts';
import { mail } from '../../bots/mail/index.ts';
import { twin as mailTwin } from '../../bots/mail/twin.ts';
import { BotBed, CLAIRE } from '../contract/bed.ts';
import { describeBot } from '../contract/bot.contract.ts';
import { dovecotTwin, findDovecot } from '../support/dovecot.ts';

const [MANY, LOOKS] = [1100, 3];

const program = findDovecot({ say: (line) => console.log(line) });
const own = await mailTwin.start();
await own.stop();

if (program === undefined) {
  it('Dovecot is neither there nor ours to install: the suite ran against the twin alone', () => {
    console.log('Install it to run the suite against the real server (as root: apt-get install dovecot-imapd).');
    expect(program).toBeUndefined();
  });
} else {
  const dovecot = dovecotTwin(program, own.config);
  const skip = [...(mailTwin.skip ?? []), ...(dovecot.skip ?? [])];
  describe('beside a real Dovecot', () => {
    describeBot(mail, dovecot, { folder: fileURLToPath(new URL('../../bots/mail', import.meta.url)), skip });

    it('more mails than one look takes are all read, look after look', async () => {
      const bed = await BotBed.start(mail, dovecot);
      try {
        const keys = bed.twin.addMany?.([CLAIRE], MANY);
        const found: string[] = [];
        for (let cursor: unknown, looks = 0; looks < LOOKS; looks += 1) {
          const swept = await bed.sweep(CLAIRE, cursor);
          found.push(...swept.keys);
          ({ cursor } = swept);
        }
        expect(found.sort()).toEqual(keys?.sort());
      } finally {
        await bed.stop();
      }
    });

    it('looked at twice it shows the same twice, and refused credentials are said as auth', async () => {
      const bed = await BotBed.start(mail, dovecot);
      try {
        bed.twin.add([CLAIRE]);
        expect((await bed.sweep()).keys).toEqual(['D-1']);
        // Another look without a cursor finds it as it was.
        expect((await bed.sweep()).keys).toEqual(['D-1']);
        // It takes its time to refuse: with the patience that sweeps really have.
        const { log, requestId } = bed.ctx();
        const io = makeIo({ origins: bed.origins, guard: bed.guard, log, requestId });
        const wrong = { ...bed.ctx(), io, config: mail.config.parse({ ...bed.twin.config, password: 'faux' }) };
        await expect(mail.check(wrong)).rejects.toMatchObject({ code: 'auth' });
      } finally {
        await bed.stop();
      }
    });
  });
}
