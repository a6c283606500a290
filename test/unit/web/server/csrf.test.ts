import { describe, expect, it } from 'vitest';
import { isFromOwnPage } from '../../../../web/server/csrf.ts';

const origin = 'https://bureau.example';
const api = { origin, media: false };
const media = { origin, media: true };

describe('a piped request', () => {
  it('passes with our header', () => {
    expect(isFromOwnPage({ 'x-ecritoire': '1' }, api)).toBe(true);
    expect(isFromOwnPage({ 'x-ecritoire': '1', origin, 'sec-fetch-site': 'same-origin' }, api)).toBe(true);
  });

  it.each([
    [{}],
    [{ 'x-ecritoire': '0' }],
    [{ origin, 'sec-fetch-site': 'same-origin' }],
    [{ 'x-ecritoire': '1', origin: 'https://evil.example' }],
    [{ 'x-ecritoire': '1', origin: 'null' }],
    [{ 'x-ecritoire': '1', 'sec-fetch-site': 'same-site' }],
    [{ 'x-ecritoire': '1', 'sec-fetch-site': 'cross-site' }],
    [{ 'x-ecritoire': '1', 'sec-fetch-site': 'none' }],
  ])('is refused with %j', (headers) => {
    expect(isFromOwnPage(headers, api)).toBe(false);
  });

  it('for media needs no header, but never comes from another site', () => {
    expect(isFromOwnPage({}, media)).toBe(true);
    expect(isFromOwnPage({ 'sec-fetch-site': 'same-origin' }, media)).toBe(true);
    expect(isFromOwnPage({ 'sec-fetch-site': 'none' }, media)).toBe(true);
    expect(isFromOwnPage({ 'sec-fetch-site': 'cross-site' }, media)).toBe(false);
    expect(isFromOwnPage({ 'sec-fetch-site': 'same-site' }, media)).toBe(false);
  });
});
