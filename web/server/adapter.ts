/** oidc-provider's store, kept by the appservice: any replica of the web goes on where another began. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { LoadedConfig } from '../../config/load.ts';
import { callInternal, InternalError } from '../src/lib/server/internal.ts';

/** The class that oidc-provider makes one instance of per model (`Session`, `AuthorizationCode`, …). */
export function adapterOver(config: LoadedConfig): new (model: string) => Adapter {
  return class InternalAdapter implements Adapter {
    readonly #model: string;

    constructor(model: string) {
      this.#model = model;
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      // An integer or nothing: some models (grants without an end) have no time of their own.
      const lapses = Number.isInteger(expiresIn) ? { expiresIn } : {};
      await callInternal(config, 'PUT', this.#at(id), { payload, ...lapses });
    }

    find(id: string): Promise<AdapterPayload | undefined> {
      return orNone(callInternal(config, 'GET', this.#at(id)));
    }

    findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return orNone(callInternal(config, 'GET', `/oidc/${this.#model}?uid=${encodeURIComponent(uid)}`));
    }

    /** The device flow is off. */
    findByUserCode(): Promise<undefined> {
      return Promise.resolve(undefined);
    }

    async destroy(id: string): Promise<void> {
      await callInternal(config, 'DELETE', this.#at(id));
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      await callInternal(config, 'DELETE', `/oidc/grants/${encodeURIComponent(grantId)}`);
    }

    async consume(id: string): Promise<void> {
      await callInternal(config, 'POST', `${this.#at(id)}/consume`);
    }

    #at(id: string): string {
      return `/oidc/${this.#model}/${encodeURIComponent(id)}`;
    }
  };
}

async function orNone(answer: Promise<unknown>): Promise<AdapterPayload | undefined> {
  try {
    return (await answer) as AdapterPayload; // what upsert was given, as oidc-provider wrote it
  } catch (error) {
    if (error instanceof InternalError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}
