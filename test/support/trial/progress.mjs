/**
 * What `npm start` says while it works: short French lines with the time since the command was given. Plain JavaScript
 * without packages, shared by the step before Node 24 and the starter itself.
 */
import { readFileSync } from 'node:fs';

/** How many steps there are in all: 1 and 2 in prepare.mjs, the rest in start.ts. */
export const STEPS = 7;

const TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Node runs on

/** Milliseconds since npm was started (both scripts of `npm start` are its children), 0 when it was not npm. */
function ageOfCommand() {
  try {
    let age = 0;
    for (let pid = process.pid, level = 0; level < 3; level++) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (/\(npm/.test(stat)) {
        age = (Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) - Number(fields[19]) / TICKS_PER_SECOND) * 1000;
      }
      pid = Number(fields[1]);
    }
    return Math.max(0, age);
  } catch {
    return 0; // no /proc: the time since this script's own start is told
  }
}

const startedAt = Date.now() - ageOfCommand();

/** Seconds since the command, as « 12,3 s ». */
export function elapsed() {
  return `${((Date.now() - startedAt) / 1000).toFixed(1).replace('.', ',')}\u00A0s`;
}

/** One line: « [3/7] Serveur Matrix : prêt (12,3 s) ». */
export function step(number, text) {
  say(`[${number}/${STEPS}] ${text} (${elapsed()})`);
}

/** One line of its own. A reader that went away (`npm start | head`) is no reason to end. */
export function say(text) {
  process.stdout.write(`${typeset(text)}\n`);
}

/** French spaces: none before a double mark or inside « » may break the line. */
export function typeset(text) {
  return text
    .replace(/ ([;!?])/g, '\u202F$1')
    .replace(/ ([:»])(?=\s|$|[).,])/g, '\u00A0$1')
    .replace(/« /g, '«\u00A0');
}
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
