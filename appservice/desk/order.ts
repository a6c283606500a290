/**
 * What is newer: late never beats new (DESIGN §1.3). The only place where two standings of one object are compared.
 */

/** How an object stands: its revision, and a digest of its content so that equal revisions can be told apart. */
export type Standing = { revision: number; digest: string };

/** What a connection declares: `time` = revision is the event's `time` in ms, `revision` = the tool's own growing integer. */
export type Order = 'time' | 'revision';

/**
 * `time`: older is late; equal time with equal content is the same; equal time with other content is newer (the later
 * arrival wins). `revision`: equal or lower is late, whatever its content.
 */
export function compareRevision(current: Standing | undefined, incoming: Standing, order: Order): 'newer' | 'same' | 'late' {
  if (!current || incoming.revision > current.revision) return 'newer';
  if (order === 'revision' || incoming.revision < current.revision) return 'late';
  return incoming.digest === current.digest ? 'same' : 'newer';
}
