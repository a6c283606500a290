/**
 * Stands in for matrix-js-sdk's encryption (see vite.config.ts): rooms here are not encrypted (DESIGN §3), the page's policy
 * forbids WebAssembly, and compressing its 7.8 MB took most of the build.
 */
export function initRustCrypto(): Promise<never> {
  return Promise.reject(new Error('Encryption is not part of this build'));
}
