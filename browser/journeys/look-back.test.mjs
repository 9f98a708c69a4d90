// Somebody was called at night: who owned this when it broke, and what has changed since?

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { estate } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';

const service = '/catalog/default/component/consent-ledger-service';
const titles = [
  { javaScript: true, from: 'title: Consent Ledger Service', to: 'title: Consent Ledger Keeper' },
  { javaScript: false, from: 'title: Consent Ledger Keeper', to: 'title: Consent Ledger Service' },
];

if (estate) {
  for (const { javaScript, from, to } of titles) {
    journey(`looks back at a service before it changed, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
      const file = join(estate, 'domains/identity/consent-ledger/catalog-info.yaml');
      const [before, after] = [from, to].map((line) => line.replace('title: ', ''));
      await step('see it as it is', async () => {
        await page.goto(service);
        await page.getByRole('heading', { level: 1, name: before }).waitFor();
      });
      await step('change it', async () => {
        const text = readFileSync(file, 'utf8');
        assert.ok(text.includes(from), 'there is something to change');
        writeFileSync(file, text.replace(from, to));
        const deadline = Date.now() + 20_000;
        while (await page.getByRole('heading', { level: 1, name: after }).count() === 0) {
          assert.ok(Date.now() < deadline, 'it is not shown after 20 s');
          await page.reload();
        }
      });
      await step('find the change in its history', async () => {
        await page.getByRole('link', { name: 'History' }).click();
        await page.getByText(`metadata.title: ${before} → ${after}`).first().waitFor();
      });
      await step('go back to just before', async () => {
        await page.getByRole('link', { name: 'as it was then' }).first().click();
        await page.getByRole('complementary', { name: 'Looking back' }).waitFor();
        await page.getByRole('link', { name: 'Earlier change' }).click();
        await page.getByRole('heading', { level: 1, name: before }).waitFor();
      });
      await step('stay there while reading on', async () => {
        await page.getByRole('link', { name: 'Dependencies' }).click();
        await page.waitForURL('**/dependencies?at=*');
        assert.equal(await page.getByRole('button', { name: 'Star' }).count(), 0, 'the past cannot be changed');
      });
      await step('compare with now', async () => {
        await page.getByRole('link', { name: 'Compare with now' }).click();
        await page.getByText(`metadata.title: ${before} → ${after}`).waitFor();
        await page.goBack();
      });
      await step('come back to now', async () => {
        await page.getByRole('link', { name: 'Back to now' }).click();
        await page.getByRole('heading', { level: 1, name: after }).waitFor();
        assert.equal(await page.getByRole('complementary', { name: 'Looking back' }).count(), 0);
      });
    });
  }
}

journey('asks for an hour ago', {}, async (page, step) => {
  await step('open a service', () => page.goto('/catalog/default/component/checkout-service'));
  await step('choose', async () => {
    await page.getByLabel('Look back').click();
    await page.getByRole('link', { name: 'An hour ago' }).click();
    await page.waitForURL('**at=*');
  });
  await step('see which moment it is', () => page.getByText('As it was on').waitFor());
});
