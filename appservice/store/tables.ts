/** The tables of the store as kysely sees them; the shapes are those of the migrations, which say what each is for. */
import type { ColumnType, Generated, GeneratedAlways, Kysely } from 'kysely';
import type { Severity, State } from '#desk/item.ts';
import type { Last } from '#desk/delivery/decide.ts';
import type { Placement } from '#desk/placement.ts';

type Stamp = ColumnType<Date, Date | string | undefined, Date | string>;
type OptionalStamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** bigint columns are read as JavaScript numbers (a type parser in `open.ts`): ours stay below 2^53. */
type Big = number;
type Json<T> = ColumnType<T, string, string>;
type OptionalJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

export type OutboxKind = 'item' | 'tool' | 'outcome' | 'notice' | 'state';

/** A Matrix request, complete: repeated word for word until the homeserver answers. */
export type Frozen = { type: string; stateKey?: string; content: Record<string, unknown> };

export type Tables = {
  'work.deliveries': { connection: string; source: string; id: string; digest: string; accepted_at: Stamp };
  'work.items': {
    key: string;
    connection: string;
    organisation: string;
    revision: Big;
    digest: string;
    closed: boolean;
    /** What was last accepted; null once the room said how it stands. */
    last: OptionalJson<Last>;
    changed_at: Stamp;
  };
  'work.placements': {
    key: string;
    agent: string;
    address: string;
    connection: string;
    revision: Big;
    content: Json<Placement>;
    addressed: boolean;
    state: State;
    severity: Severity;
    due_at: string | null;
    sort_at: OptionalStamp;
    event_id: string | null;
    sent_revision: Big | null;
    /** When its message was first sent, and whether it was urgent and open when last sent. */
    sent_at: OptionalStamp;
    sent_pressing: boolean | null;
    seen_at: OptionalStamp;
    aside_at: OptionalStamp;
    snoozed_until: OptionalStamp;
    snoozed_revision: Big | null;
    pinned_at: OptionalStamp;
    note: string | null;
    changed_at: Stamp;
    /** Written by a trigger, once the message is in its room. */
    searched: GeneratedAlways<unknown>;
  };
  'work.outbox': {
    id: string;
    seq: GeneratedAlways<Big>;
    address: string;
    kind: OutboxKind;
    subject: string;
    /** `<organisation>|<connection>`, see store/claims.ts. */
    lane: GeneratedAlways<string>;
    sender: string;
    draft: Json<Record<string, unknown>>;
    frozen: OptionalJson<Frozen>;
    queued_at: Stamp;
    not_before: Stamp;
    changed_at: Stamp;
    claimed_at: OptionalStamp;
    attempts: Generated<number>;
    event_id: string | null;
    sent_at: OptionalStamp;
    dead_at: OptionalStamp;
    dead_reason: string | null;
    replayed_at: OptionalStamp;
    replayed_as: string | null;
  };
  'work.rooms': {
    address: string;
    organisation: string | null;
    room_id: string | null;
    due_at: OptionalStamp;
    lease_until: OptionalStamp;
    attempts: Generated<number>;
    bots: Generated<string[]>;
    /** Null: found, and not read yet; nothing is sent to it. */
    rebuilt_at: OptionalStamp;
  };
  'work.tool_states': { address: string; connection: string; content: Json<Record<string, unknown>>; written_at: Stamp };
  'work.inbox': {
    event_id: string;
    seq: GeneratedAlways<Big>;
    room_id: string;
    txn: string;
    event: Json<Record<string, unknown>>;
    received_at: Stamp;
    handled_at: OptionalStamp;
    failure: string | null;
    /** Only of events that were found late: where they stand among the others of their room, by `seq`. */
    place: Big | null;
  };
  'work.cursors': { name: string; value: Json<unknown>; changed_at: Stamp };
  'work.pings': { id: string; sent_at: Stamp; seen_at: OptionalStamp };
  'record.installation': { only: Generated<boolean>; server_name: string; organisations: string[]; made_at: Stamp };
  'record.people': { localpart: string; name: string; status: Generated<'active' | 'left'>; made_at: Stamp };
  'record.memberships': {
    localpart: string;
    organisation: string;
    mail: string | null;
    uid: string | null;
    matricule: string | null;
    groups: Generated<string[]>;
    source: string;
    made_at: Stamp;
  };
  'record.identities': {
    issuer: string;
    sub: string;
    localpart: string;
    provider: string;
    mail: string | null;
    linked_at: Stamp;
    seen_at: Stamp;
  };
  'record.sessions': {
    id: string;
    localpart: string;
    organisation: string;
    provider: string;
    issuer: string;
    sub: string;
    sid: string | null;
    device_id: string;
    id_token: Buffer | null;
    opened_at: Stamp;
    expires_at: ColumnType<Date, Date | string, Date | string>;
    ended_at: OptionalStamp;
    end_reason: string | null;
  };
  'record.oidc': {
    model: string;
    id: string;
    payload: Json<Record<string, unknown>>;
    grant_id: string | null;
    user_code: string | null;
    uid: string | null;
    consumed_at: OptionalStamp;
    expires_at: OptionalStamp;
  };
  'record.waiting': {
    organisation: string;
    addressee: string;
    key: string;
    connection: string;
    revision: Big;
    sealed: Buffer;
    kept_at: Stamp;
    number: GeneratedAlways<Big>;
  };
  'record.rejected': {
    id: string;
    connection: string;
    reason: Json<unknown>;
    sealed: Buffer;
    rejected_at: Stamp;
    replayed_at: OptionalStamp;
    number: GeneratedAlways<Big>;
  };
  'record.requests': {
    event_id: string;
    seq: GeneratedAlways<Big>;
    room_id: string;
    localpart: string;
    action: string;
    items: string[];
    input: OptionalJson<Record<string, unknown>>;
    revision: Big | null;
    /** The revision each item (by event id) had in the room when the request came. */
    revisions: ColumnType<Record<string, number>, string | undefined, string>;
    source: 'action' | 'reaction' | 'reply';
    asked_at: ColumnType<Date, Date | string, Date | string>;
    /** By the homeserver's clock; `asked_at` is the earlier of it and the agent's own. */
    received_at: Stamp;
    redacted_at: OptionalStamp;
    outcome: string | null;
    /** Only of requests that were found late: where they stand among the others of their room, by `seq`. */
    place: Big | null;
    outcome_at: OptionalStamp;
  };
  'record.accounts': {
    connection: string;
    localpart: string;
    sealed: Buffer;
    state: Generated<'active' | 'refused'>;
    linked_at: Stamp;
    refused_at: OptionalStamp;
    name: Generated<string | null>;
  };
  'record.grants': {
    connection: string;
    localpart: string;
    sealed: Buffer;
    until: Stamp;
    due_at: Stamp;
    ended: Generated<string | null>;
  };
  'record.mails': { organisation: string; mail: string; localpart: string; proven_at: Stamp };
  'record.mail_codes': {
    id: string;
    localpart: string;
    mail: string;
    digest: string;
    sent_at: Stamp;
    until: ColumnType<Date, Date | string, Date | string>;
    tries: Generated<number>;
    ended: Generated<string | null>;
  };
  'work.polls': {
    connection: string;
    agent: string;
    cursor: OptionalJson<unknown>;
    due_at: OptionalStamp;
    lease_until: OptionalStamp;
    failures: Generated<number>;
    swept_at: OptionalStamp;
    fault: Generated<string | null>;
  };
  'record.acts': {
    request: string;
    item: string;
    place: number;
    key: string;
    connection: string;
    agent: string;
    address: string;
    action: string;
    input: Json<Record<string, string | number | boolean>>;
    revision: Big | null;
    source: 'action' | 'reaction' | 'reply';
    asked_at: ColumnType<Date, Date | string, Date | string>;
    state: 'waiting' | 'sent' | 'accepted' | 'confirmed' | 'refused' | 'failed' | 'unknown';
    sent_at: OptionalStamp;
    attempts: Generated<number>;
    /** Whether a connection to the tool was ever made for it. */
    reached: Generated<boolean>;
    not_before: Stamp;
    lease_until: OptionalStamp;
    settled_at: OptionalStamp;
    text: string | null;
    /** Until then it can be called back; null before that window opens. */
    undo_until: OptionalStamp;
    label: Generated<string>;
  };
  'record.confirmations': {
    /** The event that asked, « viser ». */
    asked: string;
    address: string;
    item: string;
    action: string;
    input: Json<Record<string, string | number | boolean>>;
    revision: Big | null;
    label: string;
    expires_at: ColumnType<Date, Date | string, Date | string>;
    is_next: Generated<boolean>;
    ended_at: OptionalStamp;
  };
  'record.settings': {
    event_id: string;
    seq: GeneratedAlways<Big>;
    address: string;
    content: Json<Record<string, unknown>>;
    set_at: ColumnType<Date, Date | string, Date | string>;
  };
  'record.helps': { room_id: string; told_at: Stamp };
  'record.tombstones': { key: string; revision: Big; closed_at: Stamp };
  'record.audit': {
    id: string;
    at: Stamp;
    organisation: string | null;
    who: string;
    what: string;
    subject: string | null;
    details: Json<Record<string, unknown>>;
  };
};

/** The tables, through kysely: a pool's or a transaction's. */
export type Store = Kysely<Tables>;
