/** Reads what a homeserver answers, tolerantly: what is not an event of the expected form is left out. */
import type { MatrixEvent } from '#desk/event.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object's fields; an empty one for anything else. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The events of a list, in its order. */
export function events(value: unknown): MatrixEvent[] {
  return Array.isArray(value) ? value.filter(isEvent) : [];
}

function isEvent(value: unknown): value is MatrixEvent {
  const event = fields(value);
  return (
    typeof event['event_id'] === 'string' &&
    typeof event['type'] === 'string' &&
    typeof event['sender'] === 'string' &&
    typeof event['origin_server_ts'] === 'number' &&
    typeof event['content'] === 'object' &&
    event['content'] !== null
  );
}
