/** Help, made from the declarations. */
import { TAKES } from '#desk/words/commands.ts';
import type { Command, Form } from './command.ts';

/** One line each, in the order of the list. */
export function helpOfAll(commands: readonly Command[]): string[] {
  const verbs = (command: Command): string =>
    command.role === 'admin' && command.forms.length > 1 ? ` (${command.forms.map(({ verb }) => verb).join(', ')})` : '';
  return commands.map((command) => `${command.name} – ${command.says}${verbs(command)}`);
}

/** What a command is for, and a line for each way to use it. */
export function helpOf(command: Command): string[] {
  return [`${command.name} – ${command.says}`, ...usageOf(command)];
}

export function usageOf(command: Command): string[] {
  if (command.role === 'admin') return command.forms.map((form) => `${sayForm(command.name, form)} – ${form.says}`);
  const options = command.options ?? [];
  const takes = command.takes === undefined ? [] : [`${command.name} ${TAKES[command.takes]} – ${command.says}`];
  const lines = options.map(({ name, takes, says }) => `${command.name} --${name}${takes === undefined ? '' : ` ${takes}`} – ${says}`);
  return [...takes, ...lines];
}

function sayForm(name: string, { verb, takes }: Form): string {
  return [name, verb, takes === undefined ? '' : TAKES[takes]].filter((word) => word !== '').join(' ');
}
