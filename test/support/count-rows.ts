/** Loaded before a process of ours: writes into its output how many rows the store has given it so far, whenever it gets SIGUSR2. */
import pg from 'pg';

let rows = 0;

const count = (result: { rows?: unknown[] }): void => {
  rows += result.rows?.length ?? 0;
};

const query: unknown = Reflect.get(pg.Client.prototype, 'query');
if (typeof query === 'function') {
  const counting: ProxyHandler<typeof query> = {
    apply(target, client, args: unknown[]) {
      const answer: unknown = Reflect.apply(target, client, args);
      if (answer instanceof Promise) answer.then(count, () => undefined);
      return answer;
    },
  };
  Reflect.set(pg.Client.prototype, 'query', new Proxy(query, counting));
}
process.on('SIGUSR2', () => process.stdout.write(`rows so far: ${String(rows)}\n`));
