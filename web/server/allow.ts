/**
 * What of the client-server API passes the pipe: methods and exact paths, each with the reason it is needed. Everything
 * else is 404: above all login, register, refresh, account, logout, devices, keys, openid and admin, for which no page of
 * ours has a use and a script that got into one would.
 */

export type Rule = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{self}` is the caller's own id, `{any}` one segment of anything. */
  path: string;
  /** Media, which an `<img>` or a link fetches: no custom header can be asked of them. */
  media?: true;
  why: string;
};

const CLIENT = '/_matrix/client/v3';
const ROOM = `${CLIENT}/rooms/{any}`;

export const RULES: readonly Rule[] = [
  { method: 'GET', path: '/_matrix/client/versions', why: 'matrix-js-sdk and the feed ask what the homeserver can do' },
  { method: 'GET', path: `${CLIENT}/capabilities`, why: 'matrix-js-sdk asks at start and every few hours' },
  { method: 'GET', path: `${CLIENT}/pushrules/`, why: 'matrix-js-sdk reads them before its first sync, for unread counts' },

  {
    method: 'POST',
    path: '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync',
    why: 'the live desk (MSC4186, unstable in Synapse)',
  },
  { method: 'GET', path: `${CLIENT}/sync`, why: 'other rooms, presence and unread counts; the desk where there is no sliding sync' },
  { method: 'POST', path: `${CLIENT}/user/{self}/filter`, why: 'matrix-js-sdk makes its sync filter' },
  { method: 'GET', path: `${CLIENT}/user/{self}/filter/{any}`, why: 'matrix-js-sdk looks whether its filter still stands' },
  { method: 'GET', path: `${CLIENT}/joined_rooms`, why: 'which rooms there are, without a sync' },

  { method: 'PUT', path: `${ROOM}/send/{any}/{any}`, why: 'messages, reactions and action requests, with a transaction id' },
  { method: 'PUT', path: `${ROOM}/redact/{any}/{any}`, why: 'taking back a message, a reaction or a request of one’s own' },
  { method: 'PUT', path: `${ROOM}/typing/{self}`, why: '« écrit… » in the agent’s other rooms' },
  { method: 'POST', path: `${ROOM}/receipt/{any}/{any}`, why: 'read receipts, so that other clients’ badges clear' },
  { method: 'POST', path: `${ROOM}/read_markers`, why: 'the line between read and unread' },

  { method: 'GET', path: `${ROOM}/state`, why: 'a room’s state when it is opened' },
  { method: 'GET', path: `${ROOM}/state/{any}`, why: 'one state event with an empty key' },
  { method: 'GET', path: `${ROOM}/state/{any}/`, why: 'the same as some clients write it' },
  { method: 'GET', path: `${ROOM}/state/{any}/{any}`, why: 'one state event' },
  { method: 'GET', path: `${ROOM}/messages`, why: 'earlier messages' },
  { method: 'GET', path: `${ROOM}/event/{any}`, why: 'one event: a first line of a long list, an answered message' },
  { method: 'GET', path: `${ROOM}/context/{any}`, why: 'the messages around one that was found' },
  { method: 'GET', path: `${ROOM}/members`, why: 'members are loaded when a room is opened' },
  { method: 'GET', path: `${ROOM}/joined_members`, why: 'names and pictures of those in the room' },
  { method: 'GET', path: '/_matrix/client/v1/rooms/{any}/relations/{any}', why: 'edits and reactions of a message' },
  { method: 'GET', path: '/_matrix/client/v1/rooms/{any}/relations/{any}/{any}', why: 'the same of one kind' },
  { method: 'GET', path: '/_matrix/client/v1/rooms/{any}/relations/{any}/{any}/{any}', why: 'the same of one kind and event type' },

  { method: 'POST', path: `${CLIENT}/join/{any}`, why: 'accepting an invitation' },
  { method: 'POST', path: `${ROOM}/join`, why: 'accepting an invitation, by room id' },

  { method: 'GET', path: `${CLIENT}/user/{self}/account_data/{any}`, why: 'direct chats, settings of the page' },
  { method: 'PUT', path: `${CLIENT}/user/{self}/account_data/{any}`, why: 'direct chats, settings of the page' },
  { method: 'GET', path: `${CLIENT}/user/{self}/rooms/{any}/account_data/{any}`, why: 'the layout of a desk, marked unread' },
  { method: 'PUT', path: `${CLIENT}/user/{self}/rooms/{any}/account_data/{any}`, why: 'the layout of a desk, marked unread' },
  { method: 'GET', path: `${CLIENT}/user/{self}/rooms/{any}/tags`, why: 'favourite rooms' },
  { method: 'PUT', path: `${CLIENT}/user/{self}/rooms/{any}/tags/{any}`, why: 'favourite rooms' },
  { method: 'DELETE', path: `${CLIENT}/user/{self}/rooms/{any}/tags/{any}`, why: 'favourite rooms' },

  { method: 'GET', path: `${CLIENT}/presence/{any}/status`, why: 'who is there' },
  { method: 'PUT', path: `${CLIENT}/presence/{self}/status`, why: 'one’s own presence' },
  { method: 'GET', path: `${CLIENT}/profile/{any}`, why: 'name and picture of a colleague' },
  { method: 'GET', path: `${CLIENT}/profile/{any}/{any}`, why: 'one of the two' },

  { method: 'POST', path: `${CLIENT}/search`, why: 'search in one’s rooms' },
  { method: 'POST', path: `${CLIENT}/user_directory/search`, why: 'finding a colleague' },
  { method: 'GET', path: `${CLIENT}/voip/turnServer`, why: 'matrix-js-sdk asks at start, calls need it' },
  { method: 'GET', path: '/_matrix/client/v1/rtc/transports', why: 'where group calls go (MSC4143)' },
  { method: 'GET', path: '/_matrix/client/unstable/org.matrix.msc4143/rtc/transports', why: 'the same before it was stable' },

  { method: 'GET', path: '/_matrix/client/v1/media/config', why: 'the largest file that may be sent' },
  { method: 'GET', path: '/_matrix/client/v1/media/download/{any}/{any}', media: true, why: 'pictures and files of messages' },
  { method: 'GET', path: '/_matrix/client/v1/media/download/{any}/{any}/{any}', media: true, why: 'the same with a file name' },
  { method: 'GET', path: '/_matrix/client/v1/media/thumbnail/{any}/{any}', media: true, why: 'small pictures' },
];

/** One segment as the pipe sees it: no slash, no empty one. */
const SEGMENT = '([^/?#]+)';

const compiled = RULES.map((rule) => ({
  rule,
  pattern: new RegExp(`^${rule.path.replace(/\{any\}|\{self\}|[.()]/g, (sign) => (sign.startsWith('{') ? SEGMENT : `\\${sign}`))}$`),
  places: [...rule.path.matchAll(/\{(any|self)\}/g)].map((match) => match[1]),
}));

/**
 * Encoded slashes, backslashes, dots and percent signs, and control characters: paths that two servers may read as two.
 * Matrix needs none of them: `!`, `#`, `$`, `@` and `:` are what ids have.
 */
const AMBIGUOUS = /%(2f|5c|2e|25|[01][0-9a-f]|7f)|[\\\s]|\/\//i;

/** The rule that lets this request through, or undefined. `path` is the raw path of the request line, without its query. */
export function ruleFor(method: string, path: string, self: string): Rule | undefined {
  if (AMBIGUOUS.test(path)) {
    return undefined;
  }
  for (const { rule, pattern, places } of compiled) {
    const match = rule.method === method ? pattern.exec(path) : null;
    if (match && match.slice(1).every((segment, index) => isAllowed(segment, places[index] === 'self' ? self : undefined))) {
      return rule;
    }
  }
  return undefined;
}

function isAllowed(segment: string, self: string | undefined): boolean {
  const decoded = decode(segment);
  return decoded !== undefined && decoded !== '.' && decoded !== '..' && (self === undefined || decoded === self);
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // not UTF-8
  }
}

/** A query may not carry a token, nor ask to be someone else (an application service's `user_id`). */
export function isQueryAllowed(query: URLSearchParams): boolean {
  return !['access_token', 'user_id', 'device_id', 'org.matrix.msc3202.device_id'].some((name) => query.has(name));
}
