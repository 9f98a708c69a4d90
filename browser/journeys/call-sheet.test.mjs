// Something is down, and the bridge has filled. One person keeps the call sheet, another one watches it.

import assert from 'node:assert/strict';

import { journey } from '../lib/journey.mjs';

for (const javaScript of [true, false]) {
  journey(`keeps a call sheet from the impact to the answers, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
    await step('open it from the impact of a queue', async () => {
      await page.goto('/impact?ref=resource:default/kafka-commerce');
      await page.getByRole('link', { name: 'Open a call sheet' }).click();
      await page.getByLabel('Title').fill('Orders do not move');
      await page.getByRole('button', { name: 'Open it' }).click();
      await page.getByRole('heading', { name: 'Orders do not move', level: 1 }).waitFor();
    });
    const first = page.locator('.sheet-team').first();
    await step('see the team that owns what fails first, with a way to reach it', async () => {
      await first.getByText('owns what fails').waitFor();
      await first.locator('a[href^="mailto:"]').waitFor();
    });
    await step('say that it was told', async () => {
      await first.getByPlaceholder('Note').fill('by phone');
      await first.getByRole('button', { name: 'Told' }).click();
      await first.getByText('by phone').waitFor();
      await page.getByText(/, 1 told, 0 seen, 0 answered/).waitFor();
    });
    await step('add a note, which is on the timeline', async () => {
      await page.getByLabel('Note', { exact: true }).fill('brokers restarted');
      await page.getByRole('button', { name: 'Add note' }).click();
      await page.locator('.sheet-lines').getByText('brokers restarted').waitFor();
    });
    await step('close it with answers', async () => {
      await page.getByRole('link', { name: 'Close', exact: true }).click();
      await page.getByRole('group', { name: /./ }).first().getByLabel('It was', { exact: true }).check();
      await page.locator('fieldset').nth(1).getByLabel('It was not').check();
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('heading', { name: 'The catalog was wrong' }).waitFor();
    });
    await step('find the truth rate on the home page', async () => {
      await page.goto('/');
      await page.locator('#health ~ dl').getByText('Truth rate').waitFor();
    });
  });
}

journey('shows at once what others do on a call sheet, and leaves alone what is being typed', {}, async (page, step) => {
  await step('open a sheet', async () => {
    await page.goto('/call-sheets');
    await page.getByLabel('What fails').fill('resource:default/kafka-commerce');
    await page.getByRole('button', { name: 'Open it' }).click();
    await page.locator('.sheet-live').waitFor();
  });
  const other = await page.context().newPage();
  await step('another person opens it too', async () => {
    await other.goto(page.url());
    await other.locator('.sheet-live').waitFor();
  });
  await step('one person types while the other says that a team has answered', async () => {
    await page.locator('.sheet-team').nth(1).getByPlaceholder('Note').fill('half a thou');
    await other.getByLabel('Note', { exact: true }).fill('all hands');
    await other.getByRole('button', { name: 'Add note' }).click();
    await page.locator('.sheet-lines').getByText('all hands').waitFor();
    assert.equal(await page.locator('.sheet-team').nth(1).getByPlaceholder('Note').inputValue(), 'half a thou');
  });
  await step('see it once the typing is done', async () => {
    await other.locator('.sheet-team').first().getByRole('button', { name: 'Answered' }).click();
    await other.getByText(/, 1 answered/).waitFor();
    await page.getByText(/, 1 answered/).waitFor();
    await page.locator('.sheet-team').nth(1).getByPlaceholder('Note').fill('');
    await page.locator('h1').click();
    await page.locator('.sheet-team.answered').first().waitFor();
  });
  await other.close();
});
