/** Whose station this browser is said to be: chosen in the settings, on this device alone. */
const KEY = 'ecritoire.poste';

export function ownerOf(): string | null {
  return localStorage.getItem(KEY);
}

export function setOwner(agent: string | undefined): void {
  if (agent === undefined) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, agent);
}
