/**
 * The event codec: the only place that knows how things stand on the wire. Writers cannot produce what a homeserver
 * refuses; readers are tolerant and give undefined for what is not ours or not whole. Whom to believe: `access.ts`.
 */
export { type Draft, EVENT, MATRIX, type MatrixEvent, type StateDraft } from './event/names.ts';
export { itemEdit, itemMessage, type ItemWriting, readEdit, type ReadEdit, readItem, type ReadItem } from './event/item.ts';
export { readAnswer, readRedaction, readRequest, requestEvent } from './event/request.ts';
export { outcomeEvent, outcomeMessage, type OutcomeWriting, readOutcome, type ReadOutcome } from './event/outcome.ts';
export {
  type Banner,
  bannerState,
  type ConnectionHealth,
  connectionState,
  deskStateContent,
  HealthWord,
  readBanner,
  readConnection,
  readDesk,
  readTool,
  type ReadTool,
  toolStateEvent,
} from './event/state.ts';
export {
  DEFAULT_SETTINGS,
  type KeySettings,
  MOST_VIEWS,
  readSettings,
  type ReadSettings,
  type Settings,
  settingsEvent,
  settingsIn,
  UNDO_DELAYS,
  type UndoDelay,
  type View,
} from './event/settings.ts';
export { isLink, matrixSafe } from './event/content.ts';
export { Outcome, type Request } from './request.ts';
