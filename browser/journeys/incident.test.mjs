// Something is down. An incident manager has the name of a queue, and wants to know every team that is hit.

import assert from 'node:assert/strict';

import { base } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';
import { hasVisibleFocus, skipToContent, tabTo } from '../lib/keyboard.mjs';

const queue = '/catalog/default/resource/kafka-commerce';

/** The owners of everything that depends on the queue, as the catalog's API has them. */
async function ownersByApi() {
  const ask = async (path, options) => (await fetch(`${base}${path}`, options)).json();
  const entity = await ask('/api/catalog/entities/by-name/resource/default/kafka-commerce');
  const entityRefs = entity.relations.filter(({ type }) => type === 'dependencyOf').map(({ targetRef }) => targetRef);
  const found = await ask('/api/catalog/entities/by-refs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ entityRefs }),
  });
  const owners = found.items.filter(Boolean).flatMap(({ relations }) => relations.filter(({ type }) => type === 'ownedBy'));
  return new Set(owners.map(({ targetRef }) => targetRef));
}

for (const javaScript of [true, false]) {
  journey(`finds every team that a queue's failure hits, ${javaScript ? 'with' : 'without'} scripts`, { javaScript }, async (page, step) => {
    await step('search for the queue', async () => {
      await page.goto('/');
      await page.locator('.hero input[type=search]').fill('kafka commerce');
      await page.keyboard.press('Enter');
    });
    await step('open it', async () => {
      await page.locator(`.hit-title a[href="${queue}"]`).click();
      await page.waitForURL(`**${queue}`);
    });
    await step('open its dependencies', () => page.locator('nav.tabs').getByRole('link', { name: /^Dependencies/ }).click());
    await step('read the owners of all that depend on it', async () => {
      const rows = page.locator('#relation-dependencyOf ~ .table-frame tbody tr, section:has(#relation-dependencyOf) tbody tr');
      await rows.first().waitFor();
      const links = await rows.locator('td:nth-child(3) a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
      const shown = new Set(links.map((href) => href.split('/').slice(2)).map(([namespace, kind, name]) => `${kind}:${namespace}/${name}`));
      const wanted = await ownersByApi();
      assert.ok(wanted.size > 5, `only ${wanted.size} teams`);
      assert.deepEqual([...shown].sort(), [...wanted].sort());
    });
    await step('reach one of them', async () => {
      await page.locator('section:has(#relation-dependencyOf) tbody tr td:nth-child(3) a').first().click();
      await page.locator('section.who a[href^="mailto:"]').first().waitFor();
    });
  });
}

journey('finds a team that a queue\'s failure hits with the keyboard alone', {}, async (page, step) => {
  await step('search for the queue', async () => {
    await page.goto('/');
    await skipToContent(page);
    await page.keyboard.press('Tab');
    await page.keyboard.type('kafka commerce');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?query=kafka*');
  });
  await step('open it', async () => {
    await tabTo(page, `.hit-title a[href="${queue}"]`);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${queue}`);
  });
  await step('open its dependencies', async () => {
    await tabTo(page, `nav.tabs a[href="${queue}/dependencies"]`);
    assert.ok(await hasVisibleFocus(page), 'it is to be seen where the keyboard is');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**${queue}/dependencies`);
  });
  await step('go to the owner of the first that depends on it', async () => {
    await tabTo(page, 'section:has(#relation-dependencyOf) tbody tr:first-child td:nth-child(3) a');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/catalog/default/group/**');
  });
  await step('reach the team', () => tabTo(page, 'section.who a[href^="mailto:"]'));
});
