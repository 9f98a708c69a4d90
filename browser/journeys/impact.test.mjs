// Something is down at night. Somebody has the text of an alert, and wants the list of whom to call in the chat of the bridge.

import assert from 'node:assert/strict';

import { base } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';

const alert = `[FIRING:1] DatabaseUnreachable
Labels: alertname="DatabaseUnreachable", instance="checkout-db.prod.internal:5432", severity="page"
Value: connections = 0`;

/** The mail addresses of the teams to call, as the API has them. */
async function mailsByApi() {
  const answer = await (await fetch(`${base}/api/v1/impact?ref=resource:default/checkout-db`)).json();
  assert.ok(answer.total > 3, `only ${answer.total} are hit`);
  assert.ok(answer.edges.every(({ declared }) => declared.length > 0), 'an edge without evidence');
  return answer.teams.map(({ email }) => email).filter(Boolean);
}

for (const javaScript of [true, false]) {
  const permissions = javaScript ? ['clipboard-read', 'clipboard-write'] : [];
  journey(`comes from an alert to a list of whom to call, ${javaScript ? 'with' : 'without'} scripts`, { javaScript, permissions }, async (page, step) => {
    await step('open the impact page', async () => {
      await page.goto('/');
      await page.locator('nav.rail').getByRole('link', { name: 'Impact' }).click();
      await page.waitForURL('**/impact');
    });
    await step('paste the alert', async () => {
      await page.locator('#impact-alert').fill(alert);
      await page.getByRole('button', { name: 'Find names' }).click();
    });
    await step('choose what it names', async () => {
      await page.locator('.impact-offer', { hasText: 'database' }).or(page.locator('.impact-offer')).first().click();
      await page.waitForURL('**/impact?ref=resource:default/checkout-db');
    });
    await step('see why one of them is hit', async () => {
      await page.locator('.struck-why summary').first().click();
      await page.locator('.struck-why[open] .reason-file').first().waitFor();
    });
    await step('ask for it as text', () => page.locator('nav.tabs').getByRole('link', { name: 'As text' }).click());
    await step('take it along', async () => {
      const text = await page.locator('#impact-text').inputValue();
      for (const mail of await mailsByApi()) assert.ok(text.includes(mail), `${mail} is not in ${text}`);
      assert.ok(text.includes('/impact?ref=resource:default/checkout-db'));
      if (!javaScript) return;
      await page.locator('[data-copy-from="impact-text"]').click();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    });
  });
}
