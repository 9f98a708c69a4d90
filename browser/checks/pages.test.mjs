// What must hold for every page of the table: nothing that axe-core finds, in both themes at three widths; little to load at the
// first visit; nothing from elsewhere; no complaint in the console.

import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { countBytes, launch, openWindow, themes, visit, watchFaults, widths } from '../lib/browser.mjs';
import { pages } from '../pages.mjs';

const { source: axe } = createRequire(import.meta.url)('axe-core');

/** The most that a first visit may cost on the wire. */
const MOST_BYTES = 60_000;

const wanted = process.env.CALLBOARD_ONLY;
const chosen = pages.filter((entry) => !wanted || entry.name === wanted);

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

for (const entry of chosen) {
  test(`page ${entry.name}: accessible, light, and quiet`, { timeout: 300_000 }, async () => {
    const context = await openWindow(browser);
    try {
      const page = await context.newPage();
      const faults = watchFaults(page);
      const counted = await countBytes(page);
      await visit(page, entry);
      const first = { ...counted, parts: [...counted.parts] };
      const found = new Map();
      for (const theme of themes) {
        for (const width of widths) {
          for (const obstacle of await findObstacles(page, theme, width)) {
            found.set(obstacle, [...found.get(obstacle) ?? [], `${theme} ${width}`]);
          }
        }
      }
      const obstacles = [...found].map(([obstacle, where]) => `${obstacle} (${where.join(', ')})`);
      const tooMuch = first.bytes > MOST_BYTES ? [`${first.bytes} bytes at the first visit:`, ...first.parts] : [];
      const all = [...faults, ...tooMuch, ...obstacles];
      if (all.length > 0) throw new Error(`${entry.path}\n${all.join('\n')}`);
    } finally {
      await context.close();
    }
  });
}

async function findObstacles(page, theme, width) {
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: 900 });
  await page.evaluate(axe);
  // The preload of style sheets is for media queries of rotated screens, and would ask for them once more.
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], preload: false }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const found = result.violations.flatMap((violation) => violation.nodes.map((node) => {
    const message = [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ');
    return `${violation.id} at ${node.target.join(' ')}: ${message || violation.help}`;
  }));
  if (wide > 0) found.push(`the page is ${wide} px wider than the window`);
  return found;
}
