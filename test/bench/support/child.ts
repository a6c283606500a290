/** A process of a bench, spoken to over IPC; it ends with us. */
import type { ChildProcess } from 'node:child_process';
import { spawnCommand, stopChild } from '../../support/guarded.ts';

export class Child {
  readonly process: ChildProcess;
  readonly #heard: unknown[] = [];
  #waiting: { done: (said: unknown) => void; fail: (error: Error) => void } | undefined;

  /** Runs a script of ours with one argument, in JSON. */
  constructor(script: string, settings: unknown, { nodeArgs = [] }: { nodeArgs?: readonly string[] } = {}) {
    this.process = spawnCommand([process.execPath, ...nodeArgs, script, JSON.stringify(settings)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.process.on('message', (said) => {
      if (this.#waiting) this.#waiting.done(said);
      else this.#heard.push(said);
      this.#waiting = undefined;
    });
    this.process.once('exit', (code) => this.#waiting?.fail(new Error(`${script} ended (${String(code)})`)));
  }

  /** The next thing it says; rejects when it ends first. */
  hear<Said>(): Promise<Said> {
    if (this.#heard.length > 0) return Promise.resolve(this.#heard.shift() as Said);
    return new Promise((done, fail) => (this.#waiting = { done: (said) => done(said as Said), fail }));
  }

  say(word: string): void {
    this.process.send(word);
  }

  async end(): Promise<void> {
    await stopChild(this.process, { patienceMs: 5000 });
  }
}
