/** A mail cannot be acted at: it leads to the tool that sent it. */
import type { Action } from '../bot.ts';
import type { Config } from './config.ts';

export const actions: Record<string, Action<Config, unknown>> = {};
