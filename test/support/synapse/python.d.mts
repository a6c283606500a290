/** Types of python.mjs, which is plain JavaScript because it runs before Node 24 is installed. */
export declare function preparePython(options?: { say?: (text: string) => void; log?: string; env?: NodeJS.ProcessEnv }): Promise<string>;
