/**
 * The closed list of errors and the fate of each: is it tried again, who is told, which HTTP status it is at our own
 * doors, which sentence of the catalogue. Only a DeskError crosses a folder; whoever catches one asks this table.
 */
export const FATES = {
  auth: { again: false, told: 'agent', status: 401 },
  denied: { again: false, told: 'agent', status: 403 },
  not_found: { again: false, told: 'agent', status: 404 },
  conflict: { again: false, told: 'agent', status: 409 },
  invalid: { again: false, told: 'admin', status: 400 },
  rate_limited: { again: true, told: 'nobody', status: 429 },
  unavailable: { again: true, told: 'nobody', status: 503 },
  config: { again: false, told: 'admin', status: 500 },
  bug: { again: false, told: 'admin', status: 500 },
} as const satisfies Record<string, { again: boolean; told: 'agent' | 'admin' | 'nobody'; status: number }>;

export type ErrorCode = keyof typeof FATES;

export class DeskError extends Error {
  override readonly name = 'DeskError';
  readonly code: ErrorCode;
  /** Milliseconds to wait before the next try, when whoever refused said so. */
  readonly retryAfterMs: number | undefined;
  /** What a tool itself said, to be shown to the person concerned; plain text. */
  readonly words: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    { cause, retryAfterMs, words }: { cause?: unknown; retryAfterMs?: number; words?: string } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.words = words;
  }

  get fate() {
    return FATES[this.code];
  }
}

/** `auth` without the tool's own word for it: where data was asked for, a page to log in came. A portal may show it to everybody. */
export class LogInPage extends DeskError {
  constructor(message: string) {
    super('auth', message);
  }
}

/** `unavailable` in the middle: whether it was done is not known. */
export class MaybeDone extends DeskError {
  constructor(message: string) {
    super('unavailable', message);
  }
}
