/**
 * The French sentences of rooms: bodies of items, outcomes, health, what admins are told. They stay where they are
 * written, so dates are absolute. One catalogue; its parts are in `words/`.
 */
export { itemBody } from './words/item.ts';
export { outcomeSentence, OUTCOME_WORDS, REFUSALS, staleSentence, triageSentence, undoneSentence } from './words/outcome.ts';
export { ADMIN, HEALTH_WORDS, ROOM_NAMES } from './words/admin.ts';
export { OPERATOR, UNREADABLE } from './words/operator.ts';
export { TASK_WORDS } from './words/task.ts';
export { TOOL_WORDS } from './words/tool.ts';
export { REPLIES } from './words/reply.ts';
