// A team lead looks at what is wrong with the team's things, mends it in the file, and sees it gone.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { estate } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';

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
}
