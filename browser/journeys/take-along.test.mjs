// Everything is down, the portal too. Somebody has the pack on a stick, and no network.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

import { base, themes, widths } from '../lib/browser.mjs';
import { journey } from '../lib/journey.mjs';

const { source: axe } = createRequire(import.meta.url)('axe-core');

/** Downloads the pack by the link on the home page, and opens it from disk with the network off. */
async function openFromDisk(page, step, walk, change) {
  const folder = mkdtempSync(join(tmpdir(), 'callboard-pack-'));
  try {
    const file = join(folder, 'pack.html');
    await step('take the pack from the home page', async () => {
      await page.goto('/');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Take it with you' }).click()]);
      assert.match(download.suggestedFilename(), /^callboard-pack-\d+\.html$/);
      await download.saveAs(file);
    });
    if (change) writeFileSync(file, change(readFileSync(file, 'utf8')));
    await page.context().setOffline(true);
    await page.goto(pathToFileURL(file).href);
    await walk();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the portal itself says that an entity's failure hits: how many are in each state, and how many carry a part. */
async function impactByApi(ref) {
  const answer = await (await fetch(`${base}/api/v1/impact?limit=1&ref=${ref}`)).json();
  return { ...answer.counts, carriers: answer.carriers.length, teams: answer.teams.length };
}

journey('opens the pack from disk with the network off: search, team, impact', {}, async (page, step) => {
  await openFromDisk(page, step, async () => {
    await step('read how old it is', async () => {
      await page.getByText(/^Made (just now|\d+ \w+ ago)$/).waitFor();
      await page.getByText(/as of change \d+/).waitFor();
    });
    await step('search with a slip of the finger', async () => {
      await page.keyboard.type('chekcout-service');
      await page.locator('.hits li').first().getByRole('link', { name: /checkout/i }).first().waitFor();
    });
    await step('search by first letters and open it with the keyboard', async () => {
      await page.keyboard.press('Escape');
      await page.locator('#search').fill('kafka commerce');
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/entity\?ref=resource%3Adefault%2Fkafka-commerce$/);
      await page.getByRole('heading', { name: 'Who to call' }).waitFor();
    });
    await step('open its team', async () => {
      await page.locator('.team-name a').first().click();
      await page.locator('.team a[href^="mailto:"]').first().waitFor();
      await page.goBack();
    });
    await step('see who is hit', async () => {
      await page.getByRole('link', { name: 'Show the impact' }).click();
      await page.getByRole('heading', { name: 'Impact' }).waitFor();
      const count = async (title) => {
        const heading = page.getByRole('heading', { name: new RegExp(`^${title} \\(\\d+\\)$`) });
        return await heading.count() === 0 ? 0 : Number(/\d+/.exec(await heading.textContent())[0]);
      };
      const shown = {
        down: await count('Down'), degraded: await count('Degraded'), slow: await count('Slow'),
        carriers: await count('Carry a part that is hit'), teams: await count('Teams'),
      };
      const wanted = await impactByApi('resource:default/kafka-commerce');
      assert.ok(wanted.down > 5, `only ${wanted.down} are down`);
      assert.deepEqual(shown, wanted);
    });
    await step('copy it as text', async () => {
      await page.getByRole('button', { name: 'Copy as text' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
    });
    await step('say that it is only degraded', async () => {
      await page.getByLabel(/^State of/).selectOption({ label: 'is degraded' });
      await page.getByRole('heading', { name: /^Degraded \(\d+\)/ }).waitFor();
      assert.equal(await page.getByRole('heading', { name: /^Down \(/ }).count(), 0);
    });
  });
});

journey('finds nothing in the pack that keeps somebody from using it', {}, async (page, step) => {
  await openFromDisk(page, step, async () => {
    const views = ['#/', '#/?q=checkout', '#/entity?ref=group%3Adefault%2Fcheckout-core', '#/impact?down=resource%3Adefault%2Fkafka-commerce', '#/keys'];
    for (const view of views) {
      for (const theme of themes) {
        for (const width of widths) {
          await step(`check ${view}, ${theme}, ${width}`, async () => {
            await page.emulateMedia({ colorScheme: theme });
            await page.setViewportSize({ width, height: 900 });
            await page.evaluate((hash) => { location.hash = hash; }, view);
            await page.evaluate(axe);
            const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], preload: false }));
            const found = result.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} at ${node.target.join(' ')}: ${help}`));
            const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
            if (wide > 0) found.push(`the page is ${wide} px wider than the window`);
            assert.deepEqual(found, []);
          });
        }
      }
    }
  });
});

journey('says in large letters that an old pack is old', {}, async (page, step) => {
  await page.clock.install({ time: Date.now() + 9 * 24 * 3600 * 1000 });
  await openFromDisk(page, step, async () => {
    await step('read its age', () => page.getByText('What has changed since is not in it.').waitFor());
    const size = await page.locator('#age strong').evaluate((age) => parseFloat(getComputedStyle(age).fontSize));
    assert.ok(size >= 24, `${size} px`);
    assert.match(await page.locator('#age strong').textContent(), /^Made 9 days ago$/);
  });
});

/** Puts what a hostile descriptor would, if nothing on the way had stopped it, into the contents of a pack. */
function poison(html) {
  return html.replace(/(id="contents">)([^<]+)/, (all, start, letters) => {
    const contents = JSON.parse(gunzipSync(Buffer.from(letters, 'base64')));
    contents.title.fill('</script><img src=x onerror=alert(1)><b>evil</b>');
    contents.description.fill('<a href="javascript:alert(1)">x</a>');
    contents.links.href.fill(' JavaScript:alert(1)');
    contents.mail = contents.mail.map(([i]) => [i, 'javascript:alert(1)//@x']);
    contents.declared = contents.declared.map(([i]) => [i, 'data:text/html,<script>alert(1)</script>']);
    return start + gzipSync(JSON.stringify(contents)).toString('base64');
  });
}

journey('makes neither markup nor links of what hostile descriptors say', {}, async (page, step) => {
  const dialogs = [];
  page.on('dialog', (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  await openFromDisk(page, step, async () => {
    for (const view of ['#/', '#/?q=evil', '#/entity?ref=component%3Adefault%2Fcheckout-service', '#/entity?ref=group%3Adefault%2Fcheckout-core', '#/impact?down=resource%3Adefault%2Fkafka-commerce']) {
      await step(`look at ${view}`, async () => {
        await page.evaluate((hash) => { location.hash = hash; }, view);
        await page.getByText('<b>evil</b>').first().waitFor();
        const links = await page.locator('#app a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
        assert.deepEqual(links.filter((href) => !/^(#|https?:|mailto:[^:]+@)/.test(href)), []);
        assert.equal(await page.locator('#app img, #app b, #app script').count(), 0);
      });
    }
    assert.deepEqual(dialogs, []);
  }, poison);
});

journey('shows teams and contacts where scripts do not run', { javaScript: false }, async (page, step) => {
  await openFromDisk(page, step, async () => {
    await step('read what it is', () => page.locator('noscript p').waitFor());
    await step('find a way to reach a team', () => page.getByRole('row', { name: /checkout/i }).first().getByRole('link').first().waitFor());
  });
});
