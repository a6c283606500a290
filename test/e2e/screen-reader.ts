/**
 * What a screen reader has to say of a page: from the browser's own accessibility tree what has the focus, and from the live regions what
 * is announced. Kept line by line, as who cannot see the page goes through it.
 */
import type { CDPSession, Page } from 'playwright-core';
import { z } from 'zod';

const ROLES: Readonly<Record<string, string>> = {
  link: 'lien',
  button: 'bouton',
  checkbox: 'case à cocher',
  combobox: 'zone de recherche et de choix',
  textbox: 'champ de saisie',
  dialog: 'boîte de dialogue',
  heading: 'titre',
  DisclosureTriangle: 'bouton dépliable',
  option: 'choix',
};

const Value = z.object({ value: z.unknown().optional() }).optional();
const Node = z.object({
  role: Value,
  name: Value,
  properties: z.array(z.object({ name: z.string(), value: z.object({ value: z.unknown().optional() }) })).default([]),
});

export class ScreenReader {
  readonly lines: string[] = [];
  readonly #page: Page;
  readonly #wire: CDPSession;

  private constructor(page: Page, wire: CDPSession) {
    this.#page = page;
    this.#wire = wire;
  }

  /** To be called before the page is opened: regions are listened to from the first moment. */
  static async listen(page: Page): Promise<ScreenReader> {
    const reader = new ScreenReader(page, await page.context().newCDPSession(page));
    await page.exposeBinding('announced', (_source, text: string) => reader.lines.push(`  - annonce : ${text}`));
    await page.addInitScript(() => {
      const said = new WeakMap<Element, string>();
      const look = (): void => {
        for (const region of document.querySelectorAll('[role="status"], [role="alert"]')) {
          const text = region.textContent.replaceAll(/\s+/g, ' ').trim();
          if (text === (said.get(region) ?? '')) continue;
          said.set(region, text);
          const tell = Reflect.get(globalThis, 'announced') as (text: string) => Promise<void>;
          if (text !== '') void tell(text);
        }
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
    });
    return reader;
  }

  step(title: string): void {
    this.lines.push('', `### ${title}`, '');
  }

  /** Presses a key and notes what has the focus afterwards. `times`: the same key again, noted once. */
  async press(key: string, { quiet = false }: { quiet?: boolean } = {}): Promise<void> {
    await this.#page.keyboard.press(key);
    await this.#page.waitForTimeout(120);
    if (!quiet) this.lines.push(`- **${key}** → ${await this.focus()}`);
  }

  async type(words: string): Promise<void> {
    await this.#page.keyboard.type(words);
    this.lines.push(`- tape « ${words} »`);
  }

  /** By Tab to what is called so; throws when it is not within reach. */
  async tabTo(name: string): Promise<void> {
    for (let times = 1; times <= 60; times += 1) {
      await this.#page.keyboard.press('Tab');
      const focus = await this.focus();
      if (!focus.startsWith(name)) continue;
      this.lines.push(`- **Tab** × ${String(times)} → ${focus}`);
      return;
    }
    throw new Error(`« ${name} » is not reached by Tab`);
  }

  /** Name, role and state of what has the focus. */
  async focus(): Promise<string> {
    const { result } = await this.#wire.send('Runtime.evaluate', { expression: 'document.activeElement' });
    if (result.objectId === undefined) return 'rien';
    const { nodes } = await this.#wire.send('Accessibility.getPartialAXTree', { objectId: result.objectId, fetchRelatives: false });
    const node = Node.parse(nodes[0] ?? {});
    const role = textOf(node.role?.value);
    const is = (name: string): boolean =>
      node.properties.some((one) => one.name === name && (one.value.value === true || one.value.value === 'true'));
    const states = [
      ...(is('checked') ? ['coché'] : []),
      ...(is('pressed') ? ['enfoncé'] : []),
      ...(is('expanded') ? ['déplié'] : []),
      ...(is('invalid') ? ['saisie incorrecte'] : []),
      ...(is('required') ? ['obligatoire'] : []),
    ];
    const name = textOf(node.name?.value).replaceAll(/\s+/g, ' ').trim();
    return [name === '' ? 'sans nom' : name, ROLES[role] ?? role, ...states].join(', ');
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
