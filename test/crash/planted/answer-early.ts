/** Fault: deliveries are answered before they are committed. Loaded before main. */
import { plant } from './plant.ts';

plant('ingest.ts', './ingest-that-answers-early.ts');
