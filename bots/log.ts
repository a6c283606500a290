/** Where bots and their io write what happens. No secret, and nothing of a person, is given to it. */
export type BotLog = {
  debug: (fields: object, text: string) => void;
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
};
