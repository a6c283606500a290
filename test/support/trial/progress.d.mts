/** Types of progress.mjs, which is plain JavaScript because it runs before Node 24 is installed. */
export declare const STEPS: number;
export declare function elapsed(): string;
export declare function step(number: number, text: string): void;
export declare function say(text: string): void;
export declare function typeset(text: string): string;
