/** Puts a faulty module in the place of a part that main assembles: main alone gets it, the fault itself wraps the true part. */
import { registerHooks } from 'node:module';

const ASSEMBLY = new URL('../../../appservice/main/assemble.ts', import.meta.url).href;

/** `part` is the module's path under `appservice/`, `fault` a module beside this one with the same exports. */
export function plant(part: string, fault: string): void {
  const replaced = new URL(`../../../appservice/${part}`, import.meta.url).href;
  const url = new URL(fault, import.meta.url).href;
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      return context.parentURL === ASSEMBLY && found.url === replaced ? { ...found, url } : found;
    },
  });
}
