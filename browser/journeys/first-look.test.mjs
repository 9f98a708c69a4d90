// Somebody who has never been here.

import assert from 'node:assert/strict';

import { journey } from '../lib/journey.mjs';

for (const javaScript of [true, false]) {
  journey(`the bare address leads somewhere, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
    await step('open the bare address', async () => {
      const answer = await page.goto('/');
      assert.equal(answer.status(), 200);
    });
  });
}
