/** The agent's own tasks: made, ended, and either taken back, in the commit that keeps her request. */
import { localpartOf } from '#desk/access.ts';
import { dueMs } from '#desk/due.ts';
import type { MatrixEvent, Request } from '#desk/event.ts';
import { isClosed, type Placement } from '#desk/placement.ts';
import { isDeskAction } from '#desk/triage.ts';
import { isTask, moveTask, OWN, readTask, taskKey } from '#desk/task.ts';
import { TASK_WORDS } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { findByEvents, findPlacement, type PlacementRow } from '#store/placements.ts';
import type { RequestRow } from '#store/requests.ts';
import { writeTask } from '#store/tasks.ts';
import { audit, type Desk, keep } from './desk.ts';
import { confirmRow, sentenceRow, tell } from './outcome.ts';

export async function makeTask(db: Store, desk: Desk, request: Request, event: MatrixEvent): Promise<void> {
  const task = readTask(request);
  if (!(await keep(db, desk, request, [], task === undefined ? 'refused' : 'confirmed'))) return;
  await audit(db, event, desk, { what: task === undefined ? 'request.refused' : 'request.confirmed', action: request.action });
  if (task === undefined) return tell(db, desk.address, sentenceRow(desk.address, request.eventId, 'refused', TASK_WORDS.unreadable), []);
  await write(db, desk, task);
  await tell(db, desk.address, confirmRow(desk.address, request, TASK_WORDS.made(task.title)), []);
}

/** Everything a task offers ends it. */
export async function endTasks(db: Store, desk: Desk, request: Request, event: MatrixEvent, found: readonly PlacementRow[]): Promise<void> {
  const open = found.filter((row) => !isClosed(row.content));
  if (!(await keep(db, desk, request, found, open.length === 0 ? 'refused' : 'confirmed'))) return;
  await audit(db, event, desk, { what: 'request.confirmed', action: request.action, items: open.length });
  if (open.length === 0) return tell(db, desk.address, sentenceRow(desk.address, request.eventId, 'refused', TASK_WORDS.over), []);
  for (const row of open) await write(db, desk, moveTask(row.content, 'done', request.at));
  await tell(db, desk.address, confirmRow(desk.address, request, TASK_WORDS.ended), open);
}

/** Her request was redacted: what it made goes, what it ended is open again. False: it did neither. */
export async function takeTaskBack(db: Store, desk: Desk, { event_id, action, items }: RequestRow, at: number): Promise<boolean> {
  if (action === 'desk.task') {
    const made = await findPlacement(db, desk.address, taskKey(event_id));
    if (made !== undefined) await write(db, desk, moveTask(made.content, 'cancelled', at));
    return true;
  }
  if (isDeskAction(action)) return false;
  const ended = (await findByEvents(db, desk.address, items)).filter((row) => row.content.state === 'done' && isOwn(row));
  for (const row of ended) await write(db, desk, moveTask(row.content, 'todo', at));
  return ended.length > 0;
}

/** Whether a placement is a task of hers. */
export const isOwn = ({ content, connection }: PlacementRow): boolean => isTask(content) && connection === OWN.id;

function write(db: Store, desk: Desk, task: Placement): Promise<void> {
  const { address, organisation, timeZone } = desk;
  const sortAt = task.dueAt === undefined ? undefined : dueMs(task.dueAt, timeZone);
  return writeTask(db, task, { address, organisation, agent: localpartOf(desk.agent) }, sortAt);
}
