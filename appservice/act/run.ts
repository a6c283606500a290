/**
 * One action at one tool: run once, and when its answer is lost, told from the object as the tool shows it then. Knows no
 * store, so that the suite of the bots tries the very same.
 */
import { DeskError } from '#desk/errors.ts';
import { cleanProse } from '#desk/text.ts';
import type { ActOn, Bot, Ctx, Payload, RunAction } from '../../bots/bot.ts';

/** `words`: what the tool itself said. `payload`: the object as it is now. */
export type Run =
  | { state: 'confirmed'; payload?: Payload }
  | { state: 'refused'; why: 'auth' | 'tool' | 'moved'; words?: string | undefined; payload?: Payload }
  | { state: 'failed' | 'unknown' };

export type Running = {
  bot: Bot;
  action: RunAction<unknown, unknown>;
  on: ActOn;
  /** A fresh context; what it counts is this try's. */
  open: () => Promise<Ctx<unknown, unknown>>;
  /** Whether the tool shows the object otherwise than when the agent asked; a payload of undefined is an object that is gone. */
  hasMoved: (payload: Payload) => boolean;
};

/** Before an amber action: has it moved at the tool since? Undefined when nothing speaks against running it. */
export async function lookBefore({ bot, action, on, open, hasMoved }: Running): Promise<Run | undefined> {
  if (action.risk !== 'amber' || bot.reread === undefined) return undefined;
  try {
    const payload = await bot.reread(await open(), on);
    return hasMoved(payload) ? { state: 'refused', why: 'moved', payload } : undefined;
  } catch (error) {
    return endOf(error);
  }
}

/** Calls `run`, once. *Sent* is committed by then. */
export async function runOnce(running: Running): Promise<Run> {
  let ctx: Ctx<unknown, unknown> | undefined;
  try {
    ctx = await running.open();
    const payload = await running.action.run(ctx, running.on);
    return { state: 'confirmed', ...(payload !== undefined && { payload }) };
  } catch (error) {
    return ctx?.io.hasActed() === true ? recover(running, { mayRepeat: running.action.repeatable === true }) : endOf(error);
  }
}

/** It may have been done: killed between *sent* and the answer, or the answer was lost. */
export async function recover(running: Running, { mayRepeat }: { mayRepeat: boolean }): Promise<Run> {
  const { bot, on, open, hasMoved } = running;
  if (bot.reread === undefined) return mayRepeat ? runOnce(withoutRepeat(running)) : { state: 'unknown' };
  try {
    const payload = await bot.reread(await open(), on);
    if (hasMoved(payload)) return { state: 'confirmed', ...(payload !== undefined && { payload }) };
  } catch {
    return { state: 'unknown' }; // whatever it is, the tool does not say how the object stands
  }
  return mayRepeat ? runOnce(withoutRepeat(running)) : { state: 'unknown' };
}

function withoutRepeat(running: Running): Running {
  const { repeatable: _once, ...action } = running.action;
  return { ...running, action };
}

/** Nothing that changes anything was sent, or it was definitely refused. */
function endOf(error: unknown): Run {
  if (!(error instanceof DeskError)) return { state: 'failed' };
  const { code } = error;
  if (code === 'auth') return { state: 'refused', why: 'auth' };
  if (code === 'rate_limited' || code === 'unavailable' || code === 'config' || code === 'bug') return { state: 'failed' };
  return { state: 'refused', why: 'tool', words: error.words === undefined ? undefined : cleanProse(error.words, 200) };
}
