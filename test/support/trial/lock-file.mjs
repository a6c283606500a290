/** A lock that a kill frees: held by a child (`flock` of util-linux) whose stdin is ours. For plain Node and Node 24 alike. */
import { spawn } from 'node:child_process';

/** Waits for the lock on `file` (made when missing) and answers the function that frees it. */
export async function lockFile(file) {
  const child = spawn('flock', ['-x', file, 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  await new Promise((resolve) => {
    child.on('error', resolve); // no flock on this system: one starter at a time is then the person's care
    child.stdout.once('data', resolve);
    child.once('exit', resolve);
  });
  return () => child.stdin.end();
}
