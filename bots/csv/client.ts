/** The folder: what is new in it, as rows of one object together. */
import { DeskError } from '#desk/errors.ts';
import type { Ctx, Cursor, Payload, Swept } from '../bot.ts';
import { freshFiles, namedFiles, newestOf } from '../drop.ts';
import type { Folder, FolderAccess, FolderFile } from '../io.ts';
import { groupRows, rowColumns } from '../rows.ts';
import { readTable } from '../table.ts';
import type { Config } from './config.ts';

type Here = Ctx<Config, unknown>;

export function listDrop({ io, config }: Here): Promise<readonly FolderFile[]> {
  return io.folder((folder) => folder.list(), accessOf(config));
}

function accessOf({ sftp, webdav }: Config): FolderAccess | undefined {
  return webdav ?? (sftp && { user: sftp.user, privateKey: sftp.key, hostKey: sftp.hostKey });
}

/** A file that cannot be used as a whole is the connection's fault until another comes. Of whole lists only the newest is read. */
export function readDrop({ io, config, clock }: Here, cursor?: Cursor): Promise<Swept> {
  return io.folder(async (folder) => {
    const named = namedFiles(await folder.list(), config.files);
    const { ready, ...rest } = freshFiles(config.whole ? newestOf(named, clock()) : named, cursor, {
      renamed: config.renamed,
      now: clock(),
    });
    const { payloads, faults } = await readFiles(folder, ready, config);
    // Of a backlog the rest comes first: with a fault these would be read again, and no others.
    const fault = faults[0] === undefined || rest.againMs === 0 ? {} : { fault: faults[0] };
    // No file at all (a share that is not mounted) proves nothing.
    return { payloads, complete: config.whole && ready.length === 1 && faults.length === 0, ...rest, ...fault };
  }, accessOf(config));
}

/** Of several files that name an object the newest counts. */
async function readFiles(folder: Folder, files: readonly FolderFile[], config: Config) {
  const found = new Map<string, Payload>();
  const faults: DeskError[] = [];
  for (const file of files) {
    const bytes = await folder.read(file).catch(faultOf);
    const unread = { payloads: new Map([[`${file.name} `, { file: file.name, fault: UNREADABLE }]]), fault: UNREADABLE };
    const { payloads, fault } = bytes instanceof DeskError ? unread : payloadsOf(file.name, bytes, config);
    for (const [key, payload] of payloads) found.set(key, payload);
    if (bytes instanceof DeskError) faults.push(bytes);
    else if (fault !== undefined) faults.push(new DeskError('invalid', `A dropped file cannot be used: ${fault}`));
  }
  return { payloads: [...found.values()], faults };
}

const UNREADABLE = 'le fichier ne peut pas être lu (droits, date ou taille)';

/** What is the matter of one file, and not of the folder or of the way to it, keeps no other from being read. */
function faultOf(error: unknown): DeskError {
  if (error instanceof DeskError && ['invalid', 'denied', 'config'].includes(error.code)) return error;
  throw error;
}

export function payloadsOf(file: string, bytes: Uint8Array, config: Config): { payloads: Map<string, Payload>; fault?: string } {
  const table = readTable(bytes, { ...config, columns: rowColumns(config.columns), ids: [config.columns.id].flat() });
  if ('fault' in table) return { payloads: new Map([[`${file} `, { file, fault: table.fault }]]), fault: table.fault };
  const groups = groupRows(table.rows, config.columns, (row) => `${file} ${row.line}`);
  return { payloads: new Map([...groups].map(([key, rows]) => [key, { file, rows }])) };
}
