// The pictures of the README, into docs/images.

import { join } from 'node:path';

import { launch, openWindow, pictures, visit } from './lib/browser.mjs';

const shown = [
  { name: 'entity', path: '/catalog/default/component/checkout-service' },
  { name: 'catalog', path: '/catalog?filters[kind]=component&filters[lifecycles]=production' },
  { name: 'system', path: '/catalog/default/system/bag/diagram' },
  { name: 'impact', path: '/impact?ref=resource:default/kafka-commerce' },
  { name: 'search', path: '/search?query=payment', theme: 'dark' },
];

const browser = await launch();
for (const { theme, ...entry } of shown) {
  const context = await openWindow(browser, { theme, width: 1280 });
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 860 });
  await visit(page, entry);
  await page.screenshot({ path: join(pictures, `${entry.name}.png`), animations: 'disabled' });
  await context.close();
}
await browser.close();
