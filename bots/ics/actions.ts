/** A published feed cannot be acted at. */
import type { Action } from '../bot.ts';
import type { Config } from './config.ts';

export const actions: Record<string, Action<Config, unknown>> = {};
