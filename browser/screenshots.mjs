// Pictures of every page of the table, or of one path: light and dark, wide and narrow.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch, openWindow, pictures, themes, visit } from './lib/browser.mjs';
import { pages } from './pages.mjs';

/** Nobody looks further down than this. */
const MOST_HEIGHT = 3000;

const { CALLBOARD_ONLY: only, CALLBOARD_PAGE: path } = process.env;
const named = pages.filter((entry) => !only || entry.name === only);
const nameOf = (of) => of.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'root';
const chosen = path ? [{ name: only ?? nameOf(path), path }] : named;
if (chosen.length === 0) throw new Error(`there is no page ${only}; there are ${pages.map((entry) => entry.name).join(', ')}`);

mkdirSync(pictures, { recursive: true });
const browser = await launch();
let failed = 0;
for (const theme of themes) {
  for (const width of [1440, 390]) {
    const context = await openWindow(browser, { theme, width });
    const page = await context.newPage();
    for (const entry of chosen) {
      try {
        await visit(page, path ? { ...entry, status: await statusOf(page, path) } : entry);
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        const file = join(pictures, `${entry.name}-${theme}-${width}.png`);
        const clip = { x: 0, y: 0, width, height: Math.min(height, MOST_HEIGHT) };
        await page.screenshot({ path: file, fullPage: true, clip, animations: 'disabled' });
        console.log(file);
      } catch (error) {
        console.log(`${entry.name} ${theme} ${width}: ${error.message}`);
        failed += 1;
      }
    }
    await context.close();
  }
}
await browser.close();
process.exitCode = failed > 0 ? 1 : 0;

/** A path that was named by hand may be an error page: that is what somebody wants to see then. */
async function statusOf(page, of) {
  return (await page.request.get(of)).status();
}
