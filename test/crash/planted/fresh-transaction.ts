/** Fault: a repeated send has a transaction id of its own. Loaded before main. */
import { plant } from './plant.ts';

plant('matrix/index.ts', './matrix-that-renames-transactions.ts');
