/**
 * Loaded before a process of ours: writes into its output how many rows the store has given it so far, and by which
 * statements most of them, whenever it gets SIGUSR2.
 */
import pg from 'pg';

const rows = new Map<string, number>();

const query: unknown = Reflect.get(pg.Client.prototype, 'query');
if (typeof query === 'function') {
  const counting: ProxyHandler<typeof query> = {
    apply(target, client, args: unknown[]) {
      const answer: unknown = Reflect.apply(target, client, args);
      const statement = String(args[0]).replace(/\s+/g, ' ').slice(0, 200);
      const count = (result: { rows?: unknown[] }): void => {
        rows.set(statement, (rows.get(statement) ?? 0) + (result.rows?.length ?? 0));
      };
      if (answer instanceof Promise) answer.then(count, () => undefined);
      return answer;
    },
  };
  Reflect.set(pg.Client.prototype, 'query', new Proxy(query, counting));
}

process.on('SIGUSR2', () => {
  const most = [...rows].sort(([, a], [, b]) => b - a).slice(0, 8);
  const all = [...rows.values()].reduce((sum, one) => sum + one, 0);
  process.stdout.write(`${most.map(([statement, count]) => `${String(count)} ${statement}`).join('\n')}\nrows so far: ${String(all)}\n`);
});
