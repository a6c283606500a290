/** What a tool's object is to the town, before it has a history. */
import type { When } from './calendar.ts';

/** An object of a tool, before it has a history. */
export type Scene = {
  /** The connection's id. */
  tool: string;
  /** The external id, unique in its tool for the day. */
  key: string;
  kind: string;
  title: string;
  summary?: string;
  severity?: 'info' | 'normal' | 'urgent';
  due?: When;
  /** Logins with the reason why each. */
  to: readonly (readonly [login: string, reason: string])[];
  /** The login of who should see to it, when who is asked stands in. */
  absent?: string;
  by?: string;
  count?: number;
  meeting?: { from: string; minutes: number; place: string };
  /** Who asks for it at the tool says no to this action, in these words. */
  refuses?: { action: string; words: string };
  dossier?: string;
  documents?: readonly string[];
  /** The verb of the deep link. */
  verb?: string;
};
