// The keyboard alone: what has the focus, and getting there.

import assert from 'node:assert/strict';

/** The text of what has the focus. */
export function focused(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
}

/** Skips to the content, as the first press offers. */
export async function skipToContent(page) {
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
}

/** Presses Tab until something that the selector means has the focus. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 400; presses += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the keyboard does not get to ${selector}`);
}

/** Whether one can see where the keyboard is. */
export function hasVisibleFocus(page) {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  });
}
