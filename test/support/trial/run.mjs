/**
 * What the steps before Node 24 share: running a program with its output kept, and errors that are one French sentence.
 * Plain JavaScript without packages, for the system's Node (20 or later): these files run before `npm ci`.
 */
import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';

/** An error whose message is the one French sentence for the person in front of `npm start`. */
export class Sentence extends Error {
  name = 'Sentence';
}

const KEPT = 200_000; // characters of output kept to look for the cause in

/**
 * Runs a program to its end. Its output goes to `log` (a file path) and comes back, last part only.
 * A program that does not exist answers code 127, as a shell would.
 */
export async function run(command, args, { env = process.env, cwd, log, onOutput } = {}) {
  let output = '';
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output = (output + text).slice(-KEPT);
      onOutput?.(text);
    });
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
      resolve(127);
    });
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  if (log !== undefined) {
    await appendFile(log, `$ ${[command, ...args].join(' ')}\n${output}(code ${code})\n`).catch(() => undefined); // a full disk is said by the step itself
  }
  return { code, output };
}

/** The last line that says something, for « … : cause ». */
export function lastLine(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/complete log of this run|^hint:/.test(line)).at(-1) ?? 'sans message';
}

const FULL = /ENOSPC|No space left on device|os error 28\b|Disk quota exceeded|EDQUOT/i;
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|NewConnectionError|ConnectTimeout|ReadTimeout|Max retries|Name or service not known|Temporary failure in name resolution|dns error|error sending request|Could not connect|Connection refused|client error \(Connect\)|CERTIFICATE_VERIFY_FAILED|UnknownIssuer|SELF_SIGNED_CERT|No matching distribution found/i;

/** The sentence for what stopped a download or an installation: full disk, registry out of reach, or the program's own last line. */
export function explain(output, { what, folder, registry, log }) {
  if (FULL.test(output)) {
    return new Sentence(
      `Le disque est plein : il faut environ 1 Go libre sous ${folder}. Libérez de la place, puis relancez « npm start ».`,
    );
  }
  const cause = networkCause(output);
  if (cause !== undefined) {
    return new Sentence(
      `${registry.name} est injoignable (${cause}). Vérifiez le réseau, ou indiquez ${registry.setting}, puis relancez « npm start ».`,
    );
  }
  return new Sentence(`${what} n’a pas abouti : ${lastLine(output).slice(0, 300)} (journal : ${log}).`);
}

/** The few words about the network in pages of retries; undefined when the network was not at fault. */
function networkCause(output) {
  const line = output.split('\n').find((one) => UNREACHABLE.test(one));
  const short = /(?:Failed to establish a new connection|reason|Caused by|error trying to connect): ?([^'"]+)/.exec(line ?? '')?.[1];
  return (short ?? line)?.trim().slice(0, 200);
}
