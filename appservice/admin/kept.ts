/** The three commands about what did not reach anybody have one shape: `lister`, `montrer`, `rejouer`, by a number for good. */
import { COMMANDS, FORMS, KEPT } from '#desk/words/commands.ts';
import type { Call, Desk, Result, RoomCommand } from './command.ts';

/** A row as its list shows it. */
export type Line = { number: number; label: string; at: string; why: string };

/** What a command of this shape brings. Nothing of it reads beyond the desk's organisation. */
export type Kept = {
  name: 'rejets' | 'attente' | 'morts';
  aliases?: readonly string[];
  count: (desk: Desk) => Promise<number>;
  list: (desk: Desk, at: { offset: number; limit: number }) => Promise<Line[]>;
  /** The lines of one; undefined when there is none of this number here. */
  show: (desk: Desk, number: number) => Promise<string[] | undefined>;
  replay: (desk: Desk, target: number | 'all') => Promise<Result>;
};

const PAGE = 10; // lines that fit on a phone

export function keptCommand(kept: Kept): RoomCommand {
  const { name, aliases } = kept;
  return {
    name,
    ...(aliases && { aliases }),
    says: COMMANDS[name],
    role: 'admin',
    forms: [
      { verb: 'lister', takes: 'page', says: FORMS.lister },
      { verb: 'montrer', takes: 'number', says: FORMS.montrer },
      { verb: 'rejouer', takes: 'number or all', says: FORMS.rejouer[name] },
    ],
    run: (call, desk) => run(kept, call, desk),
  };
}

async function run(kept: Kept, { verb, target, page }: Call, desk: Desk): Promise<Result> {
  if (verb === 'rejouer') return kept.replay(desk, target ?? 'all');
  if (verb === 'montrer' && typeof target === 'number') {
    const lines = await kept.show(desk, target);
    return lines === undefined ? notFound(target) : { result: 'done', text: lines.join('\n') };
  }
  return sayPage(kept, desk, page);
}

export function notFound(number: number): Result {
  return { result: 'nothing', text: KEPT.notFound(number) };
}

async function sayPage(kept: Kept, desk: Desk, page: number): Promise<Result> {
  const { name } = kept;
  const total = await kept.count(desk);
  if (total === 0) return { result: 'done', text: KEPT.none[name] };
  const pages = Math.ceil(total / PAGE);
  if (page > pages) return { result: 'nothing', text: KEPT.noPage(pages) };
  const lines = await kept.list(desk, { offset: (page - 1) * PAGE, limit: PAGE });
  const text = [
    KEPT.page({ title: KEPT.head[name], total, page, pages }),
    ...lines.map(KEPT.line),
    ...(page < pages ? [KEPT.nextPage({ name, page: page + 1 })] : []),
  ].join('\n');
  return { result: 'done', text };
}
