// A team lead looks at what is wrong with the team's things, mends it in the file, and sees it gone.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { estate } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';
import { skipToContent, tabTo } from '../lib/keyboard.mjs';

// Two of the faults that the demo estate has on purpose, in one file of one team.
const faults = [
  { javaScript: true, needle: 'dependOn', slip: '  dependOn:', cure: '  dependsOn:' },
  { javaScript: false, needle: 'price-feed-v1', slip: 'component:price-feed-v1', cure: 'component:price-history-service' },
];

if (estate) {
  for (const { javaScript, needle, slip, cure } of faults) {
    journey(`mends a problem and sees it gone, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
      const file = join(estate, 'domains/pricing/shelf-labels/catalog-info.yaml');
      await step('open the team', () => page.goto('/catalog/default/group/price-engine'));
      await step('open the problems of what it owns', async () => {
        await page.getByRole('link', { name: 'Problems in these' }).click();
        await page.waitForURL('**/problems?**');
      });
      await step('read what is wrong, where, and what to write', async () => {
        const box = page.locator('article.problem', { hasText: needle }).first();
        await box.waitFor();
        const text = await box.innerText();
        assert.match(text, /shelf-labels\/catalog-info\.yaml/, 'the place is named');
      });
      await step('mend the file', () => {
        const before = readFileSync(file, 'utf8');
        const after = before.replace(/^(?!#).*$/gm, (line) => line.replace(slip, cure));
        assert.notEqual(after, before, 'there is something to mend');
        writeFileSync(file, after);
      });
      await step('see it gone', async () => {
        const deadline = Date.now() + 20_000;
        while (await page.locator('article.problem', { hasText: needle }).count() > 0) {
          assert.ok(Date.now() < deadline, 'it is still shown after 20 s');
          await page.reload();
        }
      });
    });
  }

  journey('mends a slip of the pen in YAML with the keyboard alone', {}, async (page, step) => {
    const file = join(estate, 'domains/delivery/parcel-photos/catalog-info.yaml');
    const wrong = page.locator('article.problem', { hasText: 'parcel-photos/catalog-info.yaml' });
    await step('open the problems', async () => {
      await page.goto('/');
      await skipToContent(page);
      await page.goto('/problems');
      await wrong.first().waitFor();
    });
    await step('narrow them to errors', async () => {
      await tabTo(page, '.facet-option[href="/problems?severity=error"]');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/problems?severity=error');
      assert.match(await wrong.first().innerText(), /E01\d\d/);
    });
    await step('mend the file', () => {
      const before = readFileSync(file, 'utf8');
      const after = before.replace('tags: [python, scheduled\n', 'tags: [python, scheduled]\n');
      assert.notEqual(after, before, 'there is something to mend');
      writeFileSync(file, after);
    });
    await step('see it gone', async () => {
      const deadline = Date.now() + 20_000;
      while (await wrong.count() > 0) {
        assert.ok(Date.now() < deadline, 'it is still shown after 20 s');
        await page.reload();
      }
    });
    await step('find what was in the file', async () => {
      await page.goto('/catalog/default/component/photo-retention');
      await page.getByRole('heading', { name: 'Photo Retention' }).waitFor();
    });
  });
}
