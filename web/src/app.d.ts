import type { Session } from '#lib/server/session.ts';

declare global {
  namespace App {
    interface Locals {
      /** Who is signed in; undefined: nobody. Its `accessToken` must never be part of what a load function returns. */
      session?: Session;
    }
    interface Error {
      message: string;
      /** For support: stands in the log beside what went wrong. */
      code?: string;
    }
  }
}

export {};
