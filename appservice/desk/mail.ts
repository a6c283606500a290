/** Mail addresses: which texts are one, and the one form in which two are compared. */

const dotted = (text: string): boolean => text.split('.').every((part) => part !== '');

export function isMail(text: string): boolean {
  const [local = '', domain = '', ...rest] = text.split('@');
  return rest.length === 0 && !/[\s<>"(),:;\\[\]]/.test(text) && dotted(local) && dotted(domain) && !/(^|\.)-|-(\.|$)/.test(domain);
}

/**
 * In lower case, and an international domain as mail servers write it (`xn--…`): one address is typed in one form and comes in
 * another. What is no domain stays as it is.
 */
export function foldMail(text: string): string {
  const lower = text.toLowerCase();
  if (!/[^ -~]/.test(lower)) return lower;
  const folded = lower.normalize('NFC');
  const at = folded.lastIndexOf('@') + 1;
  const domain = folded.slice(at);
  const ascii = at === 0 || /[/?#%]/.test(domain) ? undefined : URL.parse(`http://${domain}`)?.hostname;
  return folded.slice(0, at) + (ascii === undefined || ascii === '' ? domain : ascii);
}
