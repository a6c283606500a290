/** Where bots and their io write what happens; never a secret. */
export type BotLog = {
  debug: (fields: object, text: string) => void;
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
};
