// Somebody narrows the catalog step by step, and goes back the same way.

import assert from 'node:assert/strict';

import { journey } from '../lib/journey.mjs';

const total = (page) => page.locator('h1 .total').innerText();

for (const javaScript of [true, false]) {
  journey(`goes back through facets as they were chosen, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
    const totals = [];
    const choose = async (title) => {
      const before = page.url();
      await page.locator('section.facet', { has: page.getByRole('heading', { name: title, exact: true }) }).locator('a.facet-option:not(.chosen)').first().click();
      await page.waitForURL((url) => url.href !== before);
      await page.locator('.chip.removable').first().waitFor();
    };
    await step('open the catalog', async () => {
      await page.goto('/catalog?filters[kind]=component');
      totals.push(await total(page));
    });
    for (const title of ['Type', 'Lifecycle']) {
      await step(`choose a ${title.toLowerCase()}`, async () => {
        await choose(title);
        await page.waitForFunction((before) => document.querySelector('h1 .total').textContent !== before, totals.at(-1));
        totals.push(await total(page));
      });
    }
    await step('go back twice', async () => {
      for (const wanted of [totals[1], totals[0]]) {
        await page.goBack();
        await page.waitForFunction((text) => document.querySelector('h1 .total')?.textContent === text, wanted);
      }
      assert.equal(await page.locator('.chip.removable').count(), 0);
    });
    await step('go forward', async () => {
      await page.goForward();
      await page.waitForFunction((text) => document.querySelector('h1 .total')?.textContent === text, totals[1]);
      assert.equal(await page.locator('.chip.removable').count(), 1);
    });
  });
}

journey('the list answers while somebody types, and the address keeps it', {}, async (page, step) => {
  await step('open the catalog', () => page.goto('/catalog?filters[kind]=component'));
  await step('type', async () => {
    await page.locator('#filter-text').pressSequentially('checkout', { delay: 20 });
    await page.waitForURL(/filters%5Btext%5D=checkout|filters\[text\]=checkout/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'filter-text', 'the field keeps the focus');
  });
  await step('load the same address anew', async () => {
    const before = await total(page);
    await page.reload();
    assert.equal(await total(page), before);
    assert.equal(await page.locator('#filter-text').inputValue(), 'checkout');
  });
});
