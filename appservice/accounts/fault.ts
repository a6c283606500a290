/** What an error of a tool is to the agent who links her account there. */
import type { AccountFault } from '#desk/account.ts';
import type { ErrorCode } from '#desk/errors.ts';

const FAULTS: Readonly<Record<ErrorCode, AccountFault>> = {
  auth: 'refused',
  denied: 'denied',
  rate_limited: 'busy',
  unavailable: 'down',
  not_found: 'broken',
  conflict: 'broken',
  invalid: 'broken',
  config: 'broken',
  bug: 'broken',
};

export const faultOf = (code: ErrorCode): AccountFault => FAULTS[code];
