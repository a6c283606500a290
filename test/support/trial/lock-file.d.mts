/** Types of lock-file.mjs, which is plain JavaScript because it runs before Node 24 is installed. */
export declare function lockFile(file: string): Promise<() => void>;
