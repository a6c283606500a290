/** « 1 élément », « 2 éléments »: 0 and 1 are singular in French. */
export const plural = (n: number, one: string, many: string): string => `${n} ${n < 2 ? one : many}`;
