/** A view is only read: its rows lead to the tool. */
import type { Action } from '../bot.ts';
import type { Config } from './config.ts';

export const actions: Record<string, Action<Config, unknown>> = {};
