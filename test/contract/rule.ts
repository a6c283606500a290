import type { Bot } from '../../bots/bot.ts';
import type { Twin } from '../../bots/twin.ts';

/** A rule that cannot hold for a tool. */
export type Skip = { rule: string; reason: string };
/** A bot, its tool, and the folder of both. */
export type Subject = { bot: Bot; twin: Twin; folder: string };
/** One rule: its name, and what is tried. */
export type Rule = { rule: string; holds: () => void | Promise<void> };
