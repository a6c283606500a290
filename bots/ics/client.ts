/** The feed, cut into its components. A calendar's components are read each for itself, so that one broken event spoils no other. */
import { DeskError } from '#desk/errors.ts';
import type { Ctx } from '../bot.ts';
import { basic } from '../io.ts';
import type { Config } from './config.ts';

const COMPONENT = /^BEGIN:(VEVENT|VTODO)\r?\n[^]*?^END:\1\s*$/gm;

/** Throws `unavailable` for half a calendar: what is cut off must not look like what is over. */
export async function readFeed({ io, config }: Ctx<Config, unknown>): Promise<{ to: Config['to']; ics: string }[]> {
  const headers = { accept: 'text/calendar', ...(config.password !== undefined && basic(config.user, config.password)) };
  const text = (await io.http(config.path, { headers })).text().trim();
  if (!/^BEGIN:VCALENDAR/.test(text) || !/END:VCALENDAR$/.test(text)) throw new DeskError('unavailable', 'The feed is no whole calendar');
  return (text.match(COMPONENT) ?? []).map((ics) => ({ to: config.to, ics }));
}
