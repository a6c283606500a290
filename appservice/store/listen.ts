/** LISTEN on a connection of its own, opened again when it breaks. What is notified meanwhile is found by the sweeps. */
import pg from 'pg';

export interface Listening {
  stop(): Promise<void>;
}

const REOPEN_MS = 1000;

/** Calls `onNotify` for each notification of the channel with what it says, and once whenever the connection was opened (again). */
export function listen(
  url: string,
  channel: 'work_rooms' | 'work_inbox' | 'work_polls' | 'work_acts',
  onNotify: (said: string) => void,
): Listening {
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const reopen = (): void => {
    client = undefined;
    if (!stopped) timer = setTimeout(() => void open(), REOPEN_MS);
  };
  const open = async (): Promise<void> => {
    const opened = new pg.Client({ connectionString: url, keepAlive: true });
    client = opened;
    let broken = false;
    const onBroken = (): void => {
      if (broken) return;
      broken = true;
      opened.end().catch(() => undefined);
      reopen();
    };
    opened.on('error', onBroken);
    opened.on('end', onBroken);
    opened.on('notification', ({ payload = '' }) => onNotify(payload));
    try {
      await opened.connect();
      await opened.query(`listen ${channel}`);
      onNotify('');
    } catch {
      onBroken();
    }
  };
  void open();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
