/** Lists that stay the same array as long as they hold the same. */

/** A list that is the very same array as before when it holds the same, so that nothing made of it is made again. */
export class Kept<T> {
  #last: readonly T[] = [];

  keep(list: readonly T[]): readonly T[] {
    if (!isSameList(this.#last, list)) this.#last = list;
    return this.#last;
  }
}

export function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one === other || (one.length === other.length && one.every((item, at) => item === other[at]));
}
