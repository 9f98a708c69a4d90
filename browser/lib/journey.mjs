// A journey: what somebody wants, step by step, in a browser of its own. A failure names the step and the address, and leaves
// a picture of what was on the screen.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { launch, openWindow, pictures, watchFaults } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Declares a journey. `walk` gets the page and `step`, which runs a part under a name. */
export function journey(name, options, walk) {
  test(name, { timeout: 180_000 }, async () => {
    const context = await openWindow(browser, options);
    const page = await context.newPage();
    const faults = watchFaults(page);
    let current = 'the start';
    const step = async (what, action) => {
      current = what;
      return action();
    };
    try {
      await walk(page, step);
      if (faults.length > 0) throw new Error(faults.join('\n'));
    } catch (error) {
      const picture = await takePicture(page, name);
      throw new Error(`at "${current}"\n${page.url()}\n${error.message}\n${picture}`);
    } finally {
      await context.close();
    }
  });
}

async function takePicture(page, name) {
  const folder = join(pictures, 'failures');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`);
  try {
    await page.screenshot({ path, timeout: 5_000 });
    return `picture: ${path}`;
  } catch (error) {
    return `no picture: ${error.message}`;
  }
}
