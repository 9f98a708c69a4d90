// A new engineer wants to know who owns a service, and how to reach them.

import assert from 'node:assert/strict';

import { journey } from '../lib/journey.mjs';
import { hasVisibleFocus, skipToContent, tabTo } from '../lib/keyboard.mjs';

async function readWhoToCall(page) {
  await page.waitForURL('**/catalog/default/component/checkout-service');
  const who = page.locator('section.who');
  await who.getByRole('link', { name: 'Checkout Core' }).waitFor();
  const text = await who.innerText();
  assert.match(text, /On-call/i);
  assert.match(text, /#team-checkout-core/);
  assert.match(text, /checkout-core@larkhem\.example/);
}

for (const javaScript of [true, false]) {
  journey(`finds an owner by searching from home, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
    await step('open home', () => page.goto('/'));
    await step('search', async () => {
      await page.locator('.hero input[type=search]').fill('checkout-service');
      await page.locator('.hero').getByRole('button', { name: 'Search' }).click();
      await page.waitForURL('**/search?query=checkout-service');
    });
    await step('open the first result', () => page.locator('.hit-title a').first().click());
    await step('read who to call', () => readWhoToCall(page));
  });
}

journey('finds an owner by a few letters in the palette', {}, async (page, step) => {
  await step('open home', () => page.goto('/'));
  await step('open the palette', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
  });
  await step('type a few letters', async () => {
    await page.keyboard.type('chkserv');
    await page.locator('[role=option]', { hasText: 'checkout-service' }).first().waitFor();
  });
  await step('take the chosen one', async () => {
    const chosen = page.locator('[role=option][aria-selected=true]');
    assert.match(await chosen.innerText(), /checkout.service/i, 'the one that was meant comes first');
    await page.keyboard.press('Enter');
  });
  await step('read who to call', () => readWhoToCall(page));
});

journey('finds an owner with the keyboard alone', {}, async (page, step) => {
  await step('open home', () => page.goto('/'));
  await step('skip to the content', () => skipToContent(page));
  await step('search', async () => {
    await page.keyboard.press('Tab');
    await page.keyboard.type('checkout-service');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?query=checkout-service');
  });
  await step('step to the first result', async () => {
    await tabTo(page, '.hit-title a[href="/catalog/default/component/checkout-service"]');
    assert.ok(await hasVisibleFocus(page), 'it is to be seen where the keyboard is');
    await page.keyboard.press('Enter');
  });
  await step('read who to call', () => readWhoToCall(page));
  await step('go to the team', async () => {
    await tabTo(page, 'section.who a[href="/catalog/default/group/checkout-core"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/catalog/default/group/checkout-core');
  });
});
