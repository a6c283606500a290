/** A folder on a desk → an item. Pure and total: whatever comes, the answer is items, or why there are none. */
import { z } from 'zod';
import { type At, type ItemDraft, type Normalised, NOTHING, type OfferedAction, type Payload, pointerTo, reject } from '../bot.ts';
import { LooseId, LooseIs } from '../loose.ts';
import { Folder, Names, type Step } from '../parapheur-folder.ts';
import { dueFrom, wallFrom } from '../when.ts';

/** `listed`: among what waits for this desk, whatever its steps say. */
const Place = { tenantId: LooseId, desk: z.object({ id: LooseId, delegatingDesks: Names, actionAllowed: LooseIs }) };
const OnDesk = z.object({ ...Place, folder: Folder, listed: z.literal(true).optional() });
const Ours = z.object({ tenantId: z.unknown(), desk: z.object({}), folder: z.object({ id: LooseId }).partial().catch({}) });
type OnDesk = z.infer<typeof OnDesk>;
/** Kind and action of what waits; whatever else it may be is opened in the parapheur. */
const WAITING: Readonly<Record<string, readonly [kind: string, action: string]>> = {
  VISA: ['visa', 'viser'],
  SEAL: ['cachet', 'cacheter'],
  SIGNATURE: ['signature', 'signer'],
  PAPER_SIGNATURE: ['signature', 'ouvrir'],
  EXTERNAL_SIGNATURE: ['signature', 'ouvrir'],
};

export function normalise(payload: Payload, at: At<unknown>): Normalised {
  const ours = Ours.safeParse(payload).data;
  if (ours === undefined) return NOTHING;
  const { data, error } = OnDesk.safeParse(payload);
  if (data === undefined) return reject('dossier illisible', pointerTo(error), ours.folder.id);
  return { items: [itemOf(data, at)], rejected: [] };
}

/** The step that waits for this desk, or for one it stands in for; not how a folder ends, which asks nothing. */
export function pendingStep(payload: Payload): Step | undefined {
  const { desk, listed, folder } = OnDesk.safeParse(payload).data ?? {};
  const own = [desk?.id, ...(desk?.delegatingDesks ?? []).map((one) => one?.id)];
  const pending = folder?.stepList?.filter(({ state, action }) => state === 'PENDING' && !['ARCHIVE', 'DELETE'].includes(action)) ?? [];
  return pending.find(({ desks }) => desks.length === 0 || desks.some((one) => own.includes(one?.id))) ?? (listed && pending[0]);
}

function itemOf(read: OnDesk, { baseUrl, timeZone }: At<unknown>): ItemDraft {
  const { tenantId, desk, folder, listed } = read;
  const step = pendingStep(read);
  const url = `${baseUrl}/${['tenant', tenantId, 'desk', desk.id, 'folder', folder.id].map(encodeURIComponent).join('/')}`;
  const [kind, action] = WAITING[step?.action ?? ''] ?? ['dossier', 'ouvrir'];
  const reason = (step && standIn(desk, step)) ?? (kind === 'dossier' ? 'à traiter' : kind);
  return {
    key: folder.id,
    kind,
    title: folder.name,
    summary: summaryOf(folder, step),
    url,
    state: step === undefined && folder.stepList != null && listed !== true ? 'done' : 'todo',
    dueAt: dueFrom(folder.dueDate, timeZone),
    createdAt: wallFrom(folder.draftCreationDate, timeZone),
    people: [{ role: 'for', reason }, ...(folder.originDesk?.name == null ? [] : [{ role: 'by' as const, name: folder.originDesk.name }])],
    documents: folder.documentList.flatMap((one) => (one?.name == null ? [] : [{ name: one.name, url }])).slice(0, 50),
    actions: step === undefined ? [] : offered(read, step, { action, href: url }),
  };
}

/** With the place in the circuit: a folder that went on to another step of this desk is seen to have moved. */
function summaryOf({ type, subtype, stepList }: OnDesk['folder'], step: Step | undefined): string | undefined {
  const place = step && stepList && `étape ${stepList.findIndex(({ id }) => id === step.id) + 1} sur ${stepList.length}`;
  return [type?.name, subtype?.name, place].filter((part) => part != null).join(', ') || undefined;
}

function standIn({ id: own, delegatingDesks }: OnDesk['desk'], { desks, delegatedByDesk }: Step): string | undefined {
  if (delegatedByDesk == null && (desks.length === 0 || desks.some((one) => one?.id === own))) return undefined;
  const absent = delegatedByDesk ?? delegatingDesks.find((one) => desks.some((desk) => desk?.id === one?.id)) ?? desks[0];
  return `suppléant de ${absent?.name ?? 'un autre bureau'}`;
}

/** Fields to be filled in, and a folder to be read before it is approved, are a matter of the parapheur itself. */
function offered({ desk, folder }: OnDesk, step: Step, { action, href }: { action: string; href: string }): OfferedAction[] {
  if (action === 'ouvrir' || step.id === '' || desk.actionAllowed === false) return [{ id: 'ouvrir', href }];
  const inTool = (isThere: boolean) => (isThere ? { risk: 'red' as const, href } : {});
  const isToRead = folder.subtype?.readingMandatory === true && folder.readByCurrentUser !== true;
  const main = action === 'signer' ? { href } : inTool(isToRead || step.mandatoryValidationMetadata.length > 0);
  return [
    { id: action, ...main },
    { id: 'rejeter', ...inTool(step.mandatoryRejectionMetadata.length > 0) },
  ];
}
